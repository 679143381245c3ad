-- name: first_reply_p50
-- title: Time to first reply of all tickets
-- unit: hours
-- kind: median
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets, zendesk.agents
-- source: Zendesk: ticket events, comments
-- definition: Hours by the calendar from a ticket's creation to its first reply, at that moment, whoever wrote it. What
--   counts as a first reply stands at `first_replies`. By the priority at the moment of the reply.
SELECT
    actor AS engineer,
    replied_at AS at,
    hours AS value,
    ticket_url(ticket_id) AS url,
    concat('first reply on ticket ', ticket_id, ', ' || priority) AS note,
    priority AS category
FROM first_replies
