-- name: first_replies
-- title: First replies
-- unit: replies
-- kind: count
-- direction: more
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets, zendesk.agents
-- source: Zendesk: ticket events, comments
-- definition: The first public comment of a ticket by a person who may answer it, credited to whoever wrote it, at that
--   moment, whoever had the ticket then or has it now. What a bot, a rule or an AI agent says first is no reply, nor is
--   the notice that a merge leaves. A ticket that an agent opened waits for no first reply, a merged one counts as the
--   ticket it was merged into, and one whose creation is older than what was gathered is left out.
SELECT
    actor AS engineer,
    replied_at AS at,
    1 AS value,
    ticket_url(ticket_id) AS url,
    concat('first reply on ticket ', ticket_id, ', ' || nullif(ticket_form, '')) AS note,
    ticket_form AS category
FROM first_replies
