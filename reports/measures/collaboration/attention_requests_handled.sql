-- name: attention_requests_handled
-- title: Attention requests handled
-- unit: requests
-- kind: count
-- direction: none
-- privacy: P3
-- streams: gitlab.attention_requests
-- source: GitLab: issues of the projects for attention requests, and their events
-- definition: Issues in the projects for attention requests that the engineer closed, at the moment they were first
--   closed, whoever was assigned to them then or is now. What a bot closed is nobody's. An issue counts once in its life,
--   also when it was opened again. It is shown as work done, never as a fault of whose ticket it was about.
SELECT closed_by AS engineer, closed_at AS at, 1 AS value, url, caption AS note
FROM closed_work_items
WHERE area = 'attention_request'
