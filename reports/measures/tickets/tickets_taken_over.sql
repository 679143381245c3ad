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
        event.ticket_id, event.happened_at, event.id, try_cast(event.new AS BIGINT) AS new_id,
        coalesce(try_cast(event.old AS BIGINT), lag(try_cast(event.new AS BIGINT) IGNORE NULLS) OVER in_order) AS last_id
    FROM ticket_events AS event
    ANTI JOIN merged_tickets ON merged_tickets.ticket_id = event.ticket_id
    WHERE event.kind = 'assignee'
    WINDOW in_order AS (PARTITION BY event.ticket_id ORDER BY event.happened_at, event.id)
)
SELECT
    people.username AS engineer,
    assignments.happened_at AS at,
    1 AS value,
    ticket_url(assignments.ticket_id) AS url,
    concat('ticket ', assignments.ticket_id, ' taken over', ', ' || nullif(tickets.ticket_form, '')) AS note,
    tickets.ticket_form AS category
FROM assignments
JOIN people ON people.zendesk_id = assignments.new_id
LEFT JOIN tickets ON tickets.id = assignments.ticket_id
WHERE assignments.last_id <> assignments.new_id
QUALIFY row_number() OVER (
    PARTITION BY assignments.ticket_id, assignments.new_id, reporting_week(assignments.happened_at)
    ORDER BY assignments.happened_at, assignments.id
) = 1
