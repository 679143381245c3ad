-- name: time_to_resolve
-- title: Time to resolve
-- unit: hours
-- kind: median
-- direction: less
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Hours by the calendar from a ticket's creation to its first solve, without the time it was on hold, such as
--   with the developers, until then; credited to whom it was assigned to at the first solve, at that moment. Waiting for
--   the requester is part of it. A ticket counts once in its life: solved again after it was reopened, it does not count
--   again. Merged tickets do not count. Tickets whose first events are older than what was gathered are left out, since
--   nobody knows how long they were on hold. Each is shown with its type, which is the ticket's form as it was when last
--   gathered.
SELECT
    assignee AS engineer,
    solved_at AS at,
    hours - hours_on_hold AS value,
    ticket_url(ticket_id) AS url,
    concat(
        'ticket ',
        ticket_id,
        ', ' || nullif(ticket_form, ''),
        ', without ' || nullif(CAST(round(hours_on_hold) AS BIGINT), 0) || ' hours on hold'
    ) AS note,
    ticket_form AS category
FROM first_solves
