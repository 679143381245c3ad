-- name: first_reply_business_hours
-- title: Time to first reply in business hours
-- unit: hours
-- kind: median
-- direction: less
-- privacy: P3
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets, zendesk.agents, zendesk.schedules
-- source: Zendesk: ticket events, comments, and the schedules with their holidays
-- definition: Open hours from a ticket's creation to the first public comment by a person who may answer it, at that
--   moment, credited to whoever wrote it: only the time in which support was open counts, by the schedule that was in
--   force then by default, in its own zone with its clock changes, without its holidays. Our own count, since Zendesk's
--   uses the schedule of today. A schedule that was changed before it was first gathered is not known; the first one
--   known holds for the time before. What counts as a first reply stands at `first_replies`. By the priority at the
--   moment of the reply.
SELECT
    reply.actor AS engineer,
    reply.replied_at AS at,
    (coalesce(last.open_before + least(epoch(reply.replied_at - last.opens_at), last.seconds), 0)
        - coalesce(first.open_before + least(epoch(reply.created_at - first.opens_at), first.seconds), 0)) / 3600 AS value,
    ticket_url(reply.ticket_id) AS url,
    concat('first reply on ticket ', reply.ticket_id, ', ' || reply.priority) AS note,
    reply.priority AS category
FROM first_replies AS reply
ASOF LEFT JOIN open_hours AS first ON first.opens_at <= reply.created_at
ASOF LEFT JOIN open_hours AS last ON last.opens_at <= reply.replied_at
WHERE EXISTS (FROM schedules_in_force)
