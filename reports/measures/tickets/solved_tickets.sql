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
    people.username AS engineer,
    solve.since AS at,
    1 AS value,
    ticket_url(solve.ticket_id) AS url,
    concat(
        'ticket ',
        solve.ticket_id,
        CASE
            WHEN solve.actor_id = solve.assignee_id THEN ' solved'
            WHEN solve.actor_id IS NULL THEN ' solved by a rule'
            ELSE ' solved by a colleague'
        END
    ) AS note,
    tickets.ticket_form AS category
FROM (
    SELECT *
    FROM ticket_statuses
    ANTI JOIN merged_tickets ON merged_tickets.ticket_id = ticket_statuses.ticket_id
    WHERE status = 'solved'
    QUALIFY row_number() OVER (PARTITION BY ticket_statuses.ticket_id, reporting_week(since) ORDER BY step) = 1
) AS solve
JOIN people ON people.zendesk_id = solve.assignee_id
LEFT JOIN tickets ON tickets.id = solve.ticket_id
