-- name: comments_on_others_tickets
-- title: Comments on others' tickets
-- unit: comments
-- kind: count
-- direction: more
-- privacy: P3
-- category: visibility
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, comments
-- definition: Comments, public or internal, on tickets that were assigned to somebody else at that moment, credited to
--   whoever made the update. A ticket of nobody is nobody else's. Opening comments and the notices of merges do not
--   count, and following a ticket without a word is not seen.
SELECT
    actor AS engineer,
    happened_at AS at,
    1 AS value,
    ticket_url(ticket_id) AS url,
    concat(CASE WHEN is_public THEN 'public comment' ELSE 'internal note' END, ' on ticket ', ticket_id) AS note,
    CASE WHEN is_public THEN 'public' ELSE 'internal' END AS category
FROM comments
WHERE NOT created AND assignee_id <> actor_id
