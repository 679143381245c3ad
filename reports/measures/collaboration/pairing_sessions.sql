-- name: pairing_sessions
-- title: Pairing sessions
-- unit: sessions
-- kind: count
-- direction: more
-- privacy: P1
-- streams: gitlab.pairing
-- source: GitLab: issues of the pairing projects
-- definition: Issues in the pairing projects, credited to each of their assignees at the moment the issue was opened,
--   whether open or closed now. Who opened the issue does not matter. A session whose partner is missing among the
--   assignees still counts for the others.
SELECT
    assignee AS engineer,
    created_at AS at,
    1 AS value,
    url,
    CASE WHEN others = '' THEN 'pairing session' ELSE 'pairing session with ' || others END AS note
FROM assigned_work_items
WHERE area = 'pairing'
