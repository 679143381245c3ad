-- name: satisfaction
-- title: Satisfaction
-- unit: ratings
-- kind: ratio
-- direction: more
-- privacy: P3
-- category: type
-- streams: zendesk.satisfaction, zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: satisfaction ratings
-- definition: Of the tickets that their requesters rated, the share rated good; a ticket counts once, with its latest
--   rating, at the moment of that. Credited to who had the ticket when it was rated. Few rate at all, and product, price
--   and policy are rated too, so it is given only with enough answers; what somebody wrote with it is never read.
SELECT
    assignee AS engineer,
    rated_at AS at,
    CASE WHEN score = 'good' THEN 1 ELSE 0 END AS value,
    ticket_url(ticket_id) AS url,
    concat('ticket ', ticket_id, ' rated ', score) AS note,
    ticket_form AS category
FROM satisfaction_ratings
WHERE score IN ('good', 'bad')
