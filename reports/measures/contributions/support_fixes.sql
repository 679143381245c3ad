-- name: support_fixes
-- title: Support fixes
-- unit: merge requests
-- kind: count
-- direction: none
-- privacy: P0
-- streams: gitlab.merge_requests
-- source: GitLab: merged merge requests of the product group
-- definition: Support contributions that are not documentation: merge requests in the product group with the label
--   `Support Team Contributions` and without the label `documentation`, credited to their author at the moment they were
--   merged. There is no goal for this area.
SELECT author AS engineer, merged_at AS at, 1 AS value, url, caption AS note
FROM merge_requests
WHERE area = 'product'
    AND list_contains(labels, getvariable('contributions_label'))
    AND NOT list_contains(labels, 'documentation')
