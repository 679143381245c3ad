-- name: on_call_pages
-- title: On-call pages
-- unit: pages
-- kind: count
-- direction: none
-- privacy: P3
-- streams: pagerduty.pages
-- source: PagerDuty: incidents put before somebody on call
-- definition: Incidents that PagerDuty put before the engineer, at that moment, each once. It is shown as work done and
--   as a load to share fairly; how fast somebody answered is not looked at.
SELECT pagers.username AS engineer, page."at", 1 AS value, page.url, 'page' AS note
FROM stored_on_call_pages AS page
JOIN pagers ON pagers.pagerduty_id = page.responder_id
