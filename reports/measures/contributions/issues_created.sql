-- name: issues_created
-- title: Issues created
-- unit: issues
-- kind: count
-- direction: more
-- privacy: P0
-- streams: gitlab.issues
-- source: GitLab: issues of the product group
-- definition: Issues in the product group, credited to their author at the moment they were opened, whether open or closed
--   now. Comments on issues are not seen.
SELECT author AS engineer, created_at AS at, 1 AS value, url, caption AS note
FROM work_items
WHERE area = 'product'
