-- name: new_tickets_given
-- title: New tickets given
-- unit: tickets
-- kind: count
-- direction: none
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the assignee
-- definition: New tickets whose first assignment was to the engineer, when somebody else or a rule made it. Together with
--   those taken they are the new tickets, which is the number that goals are made of: how a team shares out its tickets
--   is its own choice.
SELECT
    assignee AS engineer,
    assigned_at AS at,
    1 AS value,
    ticket_url(ticket_id) AS url,
    concat('ticket ', ticket_id, ', ' || nullif(ticket_form, '')) AS note,
    ticket_form AS category
FROM first_assignments
WHERE NOT is_taken
