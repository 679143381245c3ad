-- name: new_tickets
-- title: New tickets
-- unit: tickets
-- kind: count
-- direction: more
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the assignee
-- definition: Tickets whose very first assignment, from nobody to a person, was to the engineer, at the moment of that
--   assignment; taken when the engineer made it, given otherwise. Later handovers do not count, and a ticket counts once
--   in its life; one that was merged counts only as the ticket it was merged into. It counts for whom it was assigned to,
--   even if somebody else sent the first reply. Each is shown with its type, which is the ticket's form as it was when
--   last gathered.
SELECT
    assignee AS engineer,
    assigned_at AS at,
    1 AS value,
    ticket_url(ticket_id) AS url,
    concat('ticket ', ticket_id, CASE WHEN is_taken THEN ' taken' ELSE ' given' END, ', ' || nullif(ticket_form, '')) AS note,
    ticket_form AS category
FROM first_assignments
