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
    actor AS engineer,
    touched_at AS at,
    epoch(touched_at - created_at) / 3600 AS value,
    url,
    concat('ticket ', ticket_id, ', ' || nullif(priority, '')) AS note,
    priority AS category
FROM first_touches
