-- name: reopen_rate
-- title: Reopen rate
-- unit: tickets
-- kind: ratio
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Of the tickets that were solved for the first time, the share opened again within seven days of that. A
--   ticket counts when the seven days are over and it is known, so that a number never changes later. Of who had it
--   when it was solved. Merged tickets do not count, nor do follow-ups of closed tickets, which are new ones. Tickets
--   that an AI agent handles and nobody has taken over do not count.
SELECT
    assignee AS engineer,
    solved_at + INTERVAL 7 DAYS AS at,
    CASE WHEN reopened_at < solved_at + INTERVAL 7 DAYS THEN 1 ELSE 0 END AS value,
    ticket_url(ticket_id) AS url,
    concat(
        'ticket ',
        ticket_id,
        CASE WHEN reopened_at < solved_at + INTERVAL 7 DAYS THEN ' opened again' ELSE ' stayed solved' END
    ) AS note,
    ticket_form AS category
FROM first_solves
ANTI JOIN ai_agent_tickets USING (ticket_id)
