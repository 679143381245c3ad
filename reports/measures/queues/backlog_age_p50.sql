-- name: backlog_age_p50
-- title: Age of the backlog
-- unit: days
-- kind: median
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events and tickets
-- definition: Days since they were created, of the tickets that were not solved in the last instant of a reporting
--   week, with the priority and the assignee they had then. Which tickets those are, and of which team and region,
--   stands at `backlog`.
SELECT
    assignee AS engineer,
    "at",
    age_in_days AS value,
    ticket_url(ticket_id) AS url,
    concat('ticket ', ticket_id, ', ' || priority) AS note,
    priority AS category
FROM backlog
