-- name: hours_to_triage_p90
-- title: Time to triage, slowest tenth
-- unit: hours
-- kind: p90
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets, zendesk.agents
-- source: Zendesk: ticket events
-- definition: Hours by the calendar from a ticket's creation until a person who may answer it first touched it, at that
--   moment, of who did it where that is an engineer. The number that nine in ten tickets do not exceed. What a touch is,
--   and which tickets are left out, stands at `hours_to_triage`. By the priority after the touch.
SELECT
    people.username AS engineer,
    beginning.touched_at AS at,
    epoch(beginning.touched_at - beginning.created_at) / 3600 AS value,
    ticket_url(beginning.ticket_id) AS url,
    concat('ticket ', beginning.ticket_id, ', ' || priorities.priority) AS note,
    priorities.priority AS category
FROM ticket_beginnings AS beginning
LEFT JOIN people ON people.zendesk_id = beginning.touched_by_id
LEFT JOIN ticket_priorities AS priorities
    ON priorities.ticket_id = beginning.ticket_id
    AND priorities.since <= beginning.touched_at AND beginning.touched_at < priorities.until
WHERE beginning.touched_at IS NOT NULL
