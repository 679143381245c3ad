-- name: feedback_issues_handled
-- title: Feedback issues handled
-- unit: issues
-- kind: count
-- direction: none
-- privacy: P3
-- streams: gitlab.feedback
-- source: GitLab: issues of the projects for feedback
-- definition: Issues in the projects for feedback that the engineer closed, at the moment they were first closed, whoever
--   was assigned to them then or is now. What a bot closed is nobody's. An issue counts once in its life, also when it
--   was opened again. It is shown as work done, never as a fault of whose ticket it was about.
SELECT closed_by AS engineer, closed_at AS at, 1 AS value, url, caption AS note
FROM closed_work_items
WHERE area = 'feedback'
