-- name: new_tickets
-- title: New tickets
-- unit: tickets
-- kind: count
-- direction: more
-- privacy: P3
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the assignee
-- definition: Tickets whose very first assignment, from nobody to a person, was to the engineer, at the moment of that
--   assignment; taken when the engineer made it, given otherwise. Later handovers do not count, and a ticket counts once
--   in its life. It counts for whom it was assigned to, even if somebody else sent the first reply. Each is shown with its
--   type, which is the ticket's form as it was when last gathered.
WITH first_assignments AS (
    SELECT DISTINCT ON (ticket_id) *
    FROM ticket_events
    WHERE kind = 'assignee'
    ORDER BY ticket_id, happened_at, id
)
SELECT
    people.username AS engineer,
    first_assignments.happened_at AS at,
    1 AS value,
    first_assignments.url,
    concat(
        'ticket ',
        ticket_id,
        CASE WHEN actor_id = people.zendesk_id THEN ' taken' ELSE ' given' END,
        ', ' || nullif(tickets.ticket_form, '')
    ) AS note
FROM first_assignments
JOIN people ON people.zendesk_id = try_cast(new AS BIGINT)
LEFT JOIN tickets ON tickets.id = first_assignments.ticket_id
WHERE old IS NULL
