-- name: next_reply_sla
-- title: Next replies within the SLA
-- unit: replies
-- kind: ratio
-- direction: none
-- privacy: P3
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets, zendesk.agents, zendesk.metric_events
-- source: Zendesk: metric events of the reply time, and comments
-- definition: Of the next replies that the engineer wrote on tickets with a service level agreement, the share given in
--   time, at the moment of the reply: each later reply that the requester waited for, for which Zendesk applied a target
--   and recorded no breach at or before it. A breach that Zendesk took back, as when the policy changed, is none. Whether
--   time runs by the calendar or in business hours is as the target says. Each is shown with the priority in force when
--   the target was last applied before the reply, not today's. Credited to who wrote the reply, so who answers a ticket
--   that was late already is shown with a miss that is the queue's: look at it over months, never make it a goal. What a
--   bot answered, and merged tickets, do not count.
SELECT
    actor AS engineer,
    replied_at AS at,
    CASE WHEN is_met THEN 1 ELSE 0 END AS value,
    ticket_url(ticket_id) AS url,
    concat(
        'next reply on ticket ',
        ticket_id,
        ', ' || priority,
        ', ' || round(epoch(replied_at - breached_at) / 3600, 1) || ' hours late'
    ) AS note,
    priority AS category
FROM reply_targets
WHERE instance > 1 AND replied_at IS NOT NULL
