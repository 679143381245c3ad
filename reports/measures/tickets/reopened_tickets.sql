-- name: reopened_tickets
-- title: Reopened tickets
-- unit: tickets
-- kind: count
-- direction: none
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Solved tickets that were opened again, at that moment, credited to whose they were when they had been
--   solved, whoever has them now. Several times in a reporting week count once in it. A requester who says thank you
--   opens a ticket too, so this is context and never a goal. Merged tickets do not count, nor do follow-ups of closed
--   tickets, which are new ones.
SELECT
    solve.assignee AS engineer,
    solve.until AS at,
    1 AS value,
    ticket_url(solve.ticket_id) AS url,
    concat(
        'ticket ',
        solve.ticket_id,
        ' opened again after ',
        CAST(round(epoch(solve.until - solve.solved_at) / 3600) AS BIGINT),
        ' hours'
    ) AS note,
    solve.ticket_form AS category
FROM (
    SELECT *
    FROM solves
    WHERE next_status NOT IN ('solved', 'closed', 'deleted')
    QUALIFY row_number() OVER (PARTITION BY ticket_id, reporting_week(until) ORDER BY step) = 1
) AS solve
