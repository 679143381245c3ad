-- name: support_contributions
-- title: Support contributions
-- unit: merge requests
-- kind: count
-- direction: more
-- privacy: P0
-- streams: gitlab.merge_requests
-- source: GitLab: merged merge requests of the product group
-- definition: Merge requests in the product group with the label `Support Team Contributions`, credited to their author at
--   the moment they were merged. Documentation and code both count; a merge request counts once.
SELECT author AS engineer, merged_at AS at, 1 AS value, url, caption AS note
FROM merge_requests
WHERE area = 'product' AND list_contains(labels, getvariable('contributions_label'))
