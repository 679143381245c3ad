-- Tickets with one of some tags that nobody has and that are not done, and since when nobody has them.
SELECT
    id, url, tags,
    coalesce(
        (SELECT max(event."at") FROM stored_ticket_events AS event
         WHERE event.ticket_id = ticket.id AND event.kind = 'assignee' AND event.new IS NULL),
        created_at
    ) AS since
FROM stored_tickets AS ticket
WHERE assignee_id IS NULL AND status NOT IN ('solved', 'closed', 'deleted') AND list_has_any(tags, $tags)
ORDER BY id
