-- name: resolution_hours_p90
-- title: Resolution time without waiting for the requester, slowest tenth
-- unit: hours
-- kind: p90
-- direction: less
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Hours by the calendar from a ticket's creation to its first solve, without the time it was pending, in
--   which we waited for the requester; the time on hold is part of it. The number that nine in ten tickets do not exceed.
--   Credited to whom it was assigned to at the first solve, at that moment, whoever set the status and whoever has it
--   now. A ticket counts once in its life, a merged one as the ticket it was merged into; tickets whose first events are
--   older than what was gathered are left out.
SELECT
    assignee AS engineer,
    solved_at AS at,
    hours - hours_pending AS value,
    ticket_url(ticket_id) AS url,
    concat(
        'ticket ',
        ticket_id,
        ', ' || nullif(ticket_form, ''),
        ', ' || priority,
        ', without ' || nullif(CAST(round(hours_pending) AS BIGINT), 0) || ' hours pending'
    ) AS note,
    ticket_form AS category
FROM first_solves
