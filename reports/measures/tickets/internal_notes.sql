-- name: internal_notes
-- title: Internal notes
-- unit: notes
-- kind: count
-- direction: none
-- privacy: P3
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, comments
-- definition: Comments that only agents can read, credited to whoever made the update, on own tickets and on others'. A
--   note added by a rule within an update is credited as Zendesk records the update; the notice that a merge leaves in
--   the ticket it closes does not count. Context beside outcomes, never a goal.
SELECT
    actor AS engineer,
    happened_at AS at,
    1 AS value,
    ticket_url(ticket_id) AS url,
    concat('internal note on ticket ', ticket_id, whose(assignee_id, actor_id)) AS note
FROM comments
WHERE NOT is_public
