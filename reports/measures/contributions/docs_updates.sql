-- name: docs_updates
-- title: Documentation updates
-- unit: merge requests
-- kind: count
-- direction: more
-- privacy: P0
-- streams: gitlab.merge_requests
-- source: GitLab: merged merge requests of the product group
-- definition: Merge requests in the product group with the label `documentation`, credited to their author at the moment
--   they were merged. A merge request counts once, however many commits or pages it has; its labels are taken as they
--   were when last gathered. Reviewing or merging somebody else's does not count.
SELECT author AS engineer, merged_at AS at, 1 AS value, url, caption AS note
FROM merge_requests
WHERE area = 'product' AND list_contains(labels, 'documentation')
