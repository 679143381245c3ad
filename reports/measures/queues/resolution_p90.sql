-- name: resolution_p90
-- title: Resolution time of all tickets, slowest tenth
-- unit: hours
-- kind: p90
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: priority and type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Hours by the calendar from a ticket's creation to its first solve, without the time it was pending, at
--   that moment, whoever had it. The number that nine in ten tickets do not exceed. As `resolution_hours`, but of
--   everybody's and nobody's tickets. By the priority at the moment of the solve, and by the type, which is the ticket's
--   form as it was when last gathered. Tickets that an AI agent handles and nobody has taken over do not count.
SELECT
    assignee AS engineer,
    solved_at AS at,
    hours - hours_pending AS value,
    ticket_url(ticket_id) AS url,
    concat('ticket ', ticket_id, ', ' || nullif(ticket_form, ''), ', ' || priority) AS note,
    concat(priority, ' · ', ticket_form) AS category
FROM first_solves
ANTI JOIN ai_agent_tickets USING (ticket_id)
