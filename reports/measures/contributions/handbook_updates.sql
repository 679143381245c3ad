-- name: handbook_updates
-- title: Handbook updates
-- unit: merge requests
-- kind: count
-- direction: none
-- privacy: P0
-- streams: gitlab.merge_requests
-- source: GitLab: merged merge requests of the handbook projects
-- definition: Merge requests in the handbook projects, credited to their author at the moment they were merged, whatever
--   their labels. There is no goal for this area.
SELECT author AS engineer, merged_at AS at, 1 AS value, url, caption AS note
FROM merge_requests
WHERE area = 'handbook'
