-- name: solved_tickets
-- title: Solved tickets
-- unit: tickets
-- kind: count
-- direction: more
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Tickets set to `solved`, credited to whom they were assigned to at that moment, whoever or whatever set the
--   status. A ticket solved more than once in a reporting week counts once in it, at its first solve; solved again in a
--   later week, it counts there too. Tickets closed without being solved do not count, nor do merged ones, which count as
--   the ticket they were merged into.
SELECT
    solves.assignee AS engineer,
    solves.solved_at AS at,
    1 AS value,
    ticket_url(solves.ticket_id) AS url,
    concat(
        'ticket ',
        solves.ticket_id,
        CASE
            WHEN solves.actor_id = solves.assignee_id THEN ' solved'
            WHEN solves.actor_id IS NULL THEN ' solved by a rule'
            ELSE ' solved by a colleague'
        END
    ) AS note,
    solves.ticket_form AS category
FROM solves
WHERE solves.solved_before IS NULL OR reporting_week(solves.solved_before) < reporting_week(solves.solved_at)
