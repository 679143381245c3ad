-- name: training_modules
-- title: Training modules completed
-- unit: modules
-- kind: count
-- direction: more
-- privacy: P1
-- streams: gitlab.training
-- source: GitLab: issues of the training projects
-- definition: Closed issues in the training projects, credited to each of their assignees at the moment the issue was last
--   closed. An issue that is open again does not count.
SELECT assignee AS engineer, closed_at AS at, 1 AS value, url, caption AS note
FROM assigned_work_items
WHERE area = 'training' AND closed_at IS NOT NULL
