-- name: public_comments
-- title: Public comments
-- unit: comments
-- kind: count
-- direction: none
-- privacy: P3
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, comments
-- definition: Comments that the requester can read, credited to whoever made the update, on own tickets and on others'.
--   The opening comment of a ticket that the engineer created counts too; the notice that a merge leaves in the ticket it
--   closes does not. A comment posted in somebody's name by e-mail or by a rule is credited as Zendesk records the
--   update. Context beside outcomes, never a goal.
SELECT
    actor AS engineer,
    happened_at AS at,
    1 AS value,
    ticket_url(ticket_id) AS url,
    concat('public comment on ticket ', ticket_id, whose(assignee_id, actor_id)) AS note
FROM comments
WHERE is_public
