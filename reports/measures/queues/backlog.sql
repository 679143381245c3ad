-- name: backlog
-- title: Backlog
-- unit: tickets
-- kind: count
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events and tickets
-- definition: Tickets that were not solved (new, open, pending or on hold) in the last instant of a reporting week,
--   each once for that week, with the priority and the assignee they had then. In a week it is a state, so weeks are
--   not to be added up. Tickets that nobody touched since before what was gathered are not seen. Tickets that an AI
--   agent handles and nobody has taken over do not count. A ticket that nobody has is of no team and no region: it
--   stands in the number of the organisation only.
SELECT
    assignee AS engineer,
    "at",
    1 AS value,
    ticket_url(ticket_id) AS url,
    concat('ticket ', ticket_id, ', ' || priority, CASE WHEN assignee_id IS NULL THEN ', unassigned' ELSE '' END) AS note,
    priority AS category
FROM backlog
