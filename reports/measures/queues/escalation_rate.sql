-- name: escalation_rate
-- title: Escalation rate
-- unit: tickets
-- kind: ratio
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, tags and changes of the status
-- definition: Of the tickets that were solved for the first time, the share that had got one of the tags of an
--   escalation until then, also if it was taken off again; which tags those are stands in `config/sources.yml`. Without
--   any there is no number. At the moment of the solve, of who had the ticket then: to be escalated is no fault of
--   theirs. By the priority at that moment. Merged tickets do not count. Tickets that an AI agent handles and nobody
--   has taken over do not count.
WITH escalated AS (
    SELECT ticket_id, min(tagged_at) AS escalated_at
    FROM ticket_tags
    WHERE list_contains(CAST(getvariable('escalation_tags') AS VARCHAR[]), tag)
    GROUP BY ticket_id
)
SELECT
    solve.assignee AS engineer,
    solve.solved_at AS at,
    CASE WHEN escalated.escalated_at <= solve.solved_at THEN 1 ELSE 0 END AS value,
    ticket_url(solve.ticket_id) AS url,
    concat('ticket ', solve.ticket_id, CASE WHEN escalated.escalated_at <= solve.solved_at THEN ' escalated' ELSE '' END) AS note,
    solve.priority AS category
FROM first_solves AS solve
LEFT JOIN escalated ON escalated.ticket_id = solve.ticket_id
ANTI JOIN ai_agent_tickets ON ai_agent_tickets.ticket_id = solve.ticket_id
WHERE array_length(CAST(getvariable('escalation_tags') AS VARCHAR[])) > 0
