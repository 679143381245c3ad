-- name: gitlab_activity
-- title: Activity in GitLab
-- unit: events
-- kind: count
-- direction: none
-- privacy: P3
-- category: action
-- streams: gitlab.user_events
-- source: GitLab: events of users, where `config/sources.yml` asks for them
-- definition: What the engineer did anywhere in GitLab that the token can see, such as comments on issues and reviews,
--   each event once at its moment. It is there to find what other numbers do not see; how much somebody clicks says
--   nothing about their work, so it is never a goal. Pushes and projects that the token cannot see are missing.
SELECT
    author AS engineer,
    "at",
    1 AS value,
    url,
    concat_ws(' ', nullif(action, ''), nullif(target, ''), 'in ' || nullif(project, '')) AS note,
    action AS category
FROM user_events
