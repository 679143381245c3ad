-- name: backlog_by_age
-- title: Backlog by age
-- unit: tickets
-- kind: count
-- direction: less
-- privacy: P2
-- scope: organisation
-- category: age
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events and tickets
-- definition: The tickets of the backlog in the last instant of a reporting week, told apart by how long ago they were
--   created. As `backlog`, in which the priority tells them apart. One that nobody has is of no team and no region here
--   too.
SELECT
    assignee AS engineer,
    "at",
    1 AS value,
    ticket_url(ticket_id) AS url,
    concat('ticket ', ticket_id, ', ', CAST(floor(age_in_days) AS BIGINT), ' days old') AS note,
    CASE
        WHEN age_in_days < 7 THEN 'under 7 days'
        WHEN age_in_days < 30 THEN '7 to 29 days'
        WHEN age_in_days < 90 THEN '30 to 89 days'
        ELSE '90 days or more'
    END AS category
FROM backlog
