-- name: own_ticket_reply_share
-- title: Own-ticket reply share
-- unit: replies
-- kind: ratio
-- direction: none
-- privacy: P3
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, comments
-- definition: Of the public replies that the engineer wrote, the share on tickets assigned to them at that moment. A
--   reply in the same update that assigns the ticket to them is one on their own; one on a ticket of nobody is not. The
--   opening comment of a ticket that the engineer created is no reply, nor is the notice of a merge. Around 50 to 60
--   percent is usual: outside it is a question, not a miss.
SELECT
    actor AS engineer,
    happened_at AS at,
    CASE WHEN assignee_id = actor_id THEN 1 ELSE 0 END AS value,
    ticket_url(ticket_id) AS url,
    concat(
        'public reply on ticket ',
        ticket_id,
        CASE WHEN assignee_id = actor_id THEN ', their own' ELSE whose(assignee_id, actor_id) END
    ) AS note
FROM comments
WHERE is_public AND NOT created
