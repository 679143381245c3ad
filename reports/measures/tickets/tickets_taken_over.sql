-- name: tickets_taken_over
-- title: Tickets taken over
-- unit: tickets
-- kind: count
-- direction: none
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the assignee
-- definition: Tickets that were assigned to the engineer after somebody else had had them, whoever made the assignment,
--   at its moment; also when nobody had the ticket in between. A ticket that comes back to who had it last is not taken
--   over, and one that is taken over several times in a reporting week counts once in it. How old or how late the ticket
--   was then is nobody's fault who takes it over.
SELECT
    people.username AS engineer,
    assignment.happened_at AS at,
    1 AS value,
    ticket_url(assignment.ticket_id) AS url,
    concat('ticket ', assignment.ticket_id, ' taken over', ', ' || nullif(forms.ticket_form, '')) AS note,
    forms.ticket_form AS category
FROM ticket_assignments AS assignment
JOIN people ON people.zendesk_id = assignment.new_id
LEFT JOIN ticket_forms AS forms ON forms.ticket_id = assignment.ticket_id
ANTI JOIN merged_tickets ON merged_tickets.ticket_id = assignment.ticket_id
WHERE assignment.last_id <> assignment.new_id
QUALIFY row_number() OVER (
    PARTITION BY assignment.ticket_id, assignment.new_id, reporting_week(assignment.happened_at) ORDER BY assignment.step
) = 1
