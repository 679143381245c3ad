-- name: pending_hours
-- title: Time pending
-- unit: hours
-- kind: median
-- direction: none
-- privacy: P3
-- category: type
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events, changes of the status
-- definition: Hours by the calendar of each stretch that a ticket was pending, in which we wait for the requester, at the
--   moment the stretch ended, credited to whose ticket it was then. A stretch that lasts is not counted yet, and one that
--   began before what was gathered is left out. It says where tickets wait, not who lets them wait. Merged tickets do not
--   count.
SELECT
    holders.assignee AS engineer,
    spell.until AS at,
    epoch(spell.until - spell.since) / 3600 AS value,
    ticket_url(spell.ticket_id) AS url,
    concat('ticket ', spell.ticket_id, ', then ', spell.next_status) AS note,
    forms.ticket_form AS category
FROM ticket_statuses AS spell
JOIN ticket_holders AS holders
    ON holders.ticket_id = spell.ticket_id AND holders.since <= spell.until AND holders.until > spell.until
LEFT JOIN ticket_forms AS forms ON forms.ticket_id = spell.ticket_id
ANTI JOIN merged_tickets ON merged_tickets.ticket_id = spell.ticket_id
WHERE spell.status = 'pending' AND spell.until IS NOT NULL
