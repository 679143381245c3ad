-- name: solved_tickets
-- title: Solved tickets
-- unit: tickets
-- kind: count
-- direction: more
-- privacy: P3
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Tickets set to `solved`, credited to whom they were assigned to at that moment, whoever or whatever set the
--   status. A ticket solved more than once in a reporting week counts once in it, at its first solve; solved again in a
--   later week, it counts there too. Tickets closed without being solved, such as merged ones, do not count.
WITH first_solves AS (
    SELECT DISTINCT ON (ticket_id, reporting_week(happened_at)) *
    FROM ticket_events
    WHERE kind = 'status' AND new = 'solved'
    ORDER BY ticket_id, reporting_week(happened_at), happened_at, id
)
SELECT
    assignee AS engineer,
    happened_at AS at,
    1 AS value,
    url,
    concat(
        'ticket ',
        ticket_id,
        CASE WHEN actor_id = assignee_id THEN ' solved' WHEN actor_id IS NULL THEN ' solved by a rule' ELSE ' solved by a colleague' END
    ) AS note
FROM first_solves
