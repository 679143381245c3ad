-- name: time_to_resolve
-- title: Time to resolve
-- unit: hours
-- kind: median
-- direction: less
-- privacy: P3
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Hours by the calendar from a ticket's creation to its first solve, without the time it was on hold, such as with
--   the developers, until then; credited to whom it was assigned to at the first solve, at that moment. Waiting for the
--   requester is part of it. A ticket counts once in its life: solved again after it was reopened, it does not count again.
--   Tickets whose first events are older than what was gathered are left out, since nobody knows how long they were on hold.
--   Each is shown with its type, which is the ticket's form as it was when last gathered.
WITH statuses AS (
    SELECT
        *,
        lead(happened_at) OVER in_order AS until,
        first_value(old) OVER in_order IS NULL AS is_whole,
        first_value(happened_at) OVER in_order AS created_at
    FROM ticket_events
    WHERE kind = 'status'
    WINDOW in_order AS (PARTITION BY ticket_id ORDER BY happened_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),
first_solves AS (
    SELECT DISTINCT ON (ticket_id) *
    FROM statuses
    WHERE new = 'solved'
    ORDER BY ticket_id, happened_at, id
),
holds AS (
    SELECT first_solves.ticket_id, sum(epoch(statuses.until - statuses.happened_at)) / 3600 AS hours
    FROM first_solves
    JOIN statuses ON statuses.ticket_id = first_solves.ticket_id
    WHERE statuses.new = 'hold' AND statuses.until <= first_solves.happened_at
    GROUP BY first_solves.ticket_id
)
SELECT
    first_solves.assignee AS engineer,
    first_solves.happened_at AS at,
    epoch(first_solves.happened_at - first_solves.created_at) / 3600 - coalesce(holds.hours, 0) AS value,
    first_solves.url,
    concat(
        'ticket ',
        first_solves.ticket_id,
        ', ' || nullif(tickets.ticket_form, ''),
        ', without ' || nullif(CAST(round(holds.hours) AS BIGINT), 0) || ' hours on hold'
    ) AS note
FROM first_solves
LEFT JOIN holds ON holds.ticket_id = first_solves.ticket_id
LEFT JOIN tickets ON tickets.id = first_solves.ticket_id
WHERE first_solves.is_whole
