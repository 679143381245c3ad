-- name: solved_by_hand
-- title: Solved by hand
-- unit: tickets
-- kind: count
-- direction: none
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Tickets that the engineer set to `solved`, on own tickets and on others'; what a rule solves is nobody's.
--   Several times in a reporting week count once in it, at the first. Merged tickets do not count. It stands beside the
--   solved tickets, which go by whose ticket it was; goals are made of those.
SELECT
    people.username AS engineer,
    solve.solved_at AS at,
    1 AS value,
    ticket_url(solve.ticket_id) AS url,
    concat('ticket ', solve.ticket_id, whose(solve.assignee_id, solve.actor_id)) AS note,
    solve.ticket_form AS category
FROM solves AS solve
JOIN people ON people.zendesk_id = solve.actor_id
QUALIFY row_number() OVER (PARTITION BY solve.ticket_id, solve.actor_id, reporting_week(solve.solved_at) ORDER BY solve.step) = 1
