-- name: tickets_taken_over
-- title: Tickets taken over
-- unit: tickets
-- kind: count
-- direction: none
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the assignee
-- definition: Tickets that were assigned to the engineer after somebody else had had them, whoever made the assignment,
--   at its moment; also when nobody had the ticket in between. A ticket that comes back to who had it last is not taken
--   over, and one that is taken over several times in a reporting week counts once in it. How old or how late the ticket
--   was then is nobody's fault who takes it over.
WITH assignments AS (
    SELECT
        *,
        try_cast(new AS BIGINT) AS new_id,
        coalesce(try_cast(old AS BIGINT), lag(try_cast(new AS BIGINT) IGNORE NULLS) OVER in_order) AS last_id
    FROM ticket_events
    WHERE kind = 'assignee' AND ticket_id NOT IN (SELECT ticket_id FROM merged_tickets)
    WINDOW in_order AS (PARTITION BY ticket_id ORDER BY happened_at, id)
)
SELECT
    people.username AS engineer,
    assignments.happened_at AS at,
    1 AS value,
    assignments.url,
    concat('ticket ', assignments.ticket_id, ' taken over', ', ' || nullif(tickets.ticket_form, '')) AS note,
    tickets.ticket_form AS category
FROM assignments
JOIN people ON people.zendesk_id = assignments.new_id
LEFT JOIN tickets ON tickets.id = assignments.ticket_id
WHERE assignments.last_id <> assignments.new_id
QUALIFY row_number() OVER (
    PARTITION BY assignments.ticket_id, people.username, reporting_week(assignments.happened_at)
    ORDER BY assignments.happened_at, assignments.id
) = 1
