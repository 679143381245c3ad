-- name: hours_to_triage
-- title: Time to triage
-- unit: hours
-- kind: median
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: priority
-- streams: zendesk.ticket_events, zendesk.tickets, zendesk.agents
-- source: Zendesk: ticket events
-- definition: Hours by the calendar from a ticket's creation until a person who may answer it first touched it: set its
--   assignee, group, priority, form, status or a tag that is kept, or wrote a comment, public or internal. At that
--   moment, of who did it where that is an engineer. What rules and bots set does not count, nor what was set in the
--   creation. A ticket that an agent opened was looked at already, and is left out, as are merged ones and those created
--   before what was gathered. By the priority after the touch.
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
