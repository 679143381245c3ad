-- name: first_reply_attainment
-- title: First-reply SLA attainment
-- unit: replies
-- kind: ratio
-- direction: more
-- privacy: P2
-- scope: organisation
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets, zendesk.agents, zendesk.metric_events
-- source: Zendesk: metric events of the reply time, and comments
-- definition: Of the first replies that were due under a service level agreement, the share given in time. One in time
--   counts when it was given, a late one when the time ran out, whether it was answered since or not; one that is still
--   open and in time does not count yet. A breach that Zendesk took back is none. By the priority in force when the
--   target was last applied. What a bot answered, and merged tickets, do not count. Of the person who answered where
--   that is an engineer, of nobody otherwise. Tickets that an AI agent handles and nobody has taken over do not count.
--   What is nobody's is of no team and no region.
SELECT
    actor AS engineer,
    decided_at AS at,
    CASE WHEN is_met THEN 1 ELSE 0 END AS value,
    ticket_url(ticket_id) AS url,
    concat(
        'first reply on ticket ',
        ticket_id,
        ', ' || priority,
        CASE WHEN replied_at IS NULL THEN ', still waiting' ELSE '' END
    ) AS note,
    priority AS category
FROM reply_targets
ANTI JOIN ai_agent_tickets USING (ticket_id)
WHERE instance = 1 AND NOT by_bot
