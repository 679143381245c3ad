-- name: training_checklist_items
-- title: Training steps done
-- unit: steps
-- kind: sum
-- direction: more
-- privacy: P1
-- streams: gitlab.training
-- source: GitLab: issues of the training projects
-- definition: Boxes ticked in the checklists of training modules, credited to each assignee of the module at the moment
--   it was last closed: GitLab says how many boxes are ticked, but not when, so the steps of an open module are not
--   counted before it is closed. A module without a checklist has none.
SELECT
    assignee AS engineer,
    closed_at AS at,
    tasks_done AS value,
    url,
    concat(tasks_done, ' of ', tasks, ' steps: ', caption) AS note
FROM assigned_work_items
WHERE area = 'training' AND closed_at IS NOT NULL AND tasks > 0
