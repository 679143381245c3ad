-- The questions, one after the other, in the names of our measures: whose a case is, when it was, and its value.

-- name: public_comments
SELECT user_id AS agent_id, commented_at AS at, 1 AS value FROM comments_enriched WHERE is_public

-- name: internal_notes
SELECT user_id AS agent_id, commented_at AS at, 1 AS value FROM comments_enriched WHERE NOT is_public

-- name: comments_on_others_tickets
SELECT user_id AS agent_id, commented_at AS at, 1 AS value
FROM comments_enriched
WHERE assignee_id <> user_id AND previous_commenter_role <> 'first'

-- name: own_ticket_reply_share
SELECT user_id AS agent_id, commented_at AS at, CASE WHEN assignee_id = user_id THEN 1 ELSE 0 END AS value
FROM comments_enriched
WHERE is_public AND previous_commenter_role <> 'first'

-- name: new_tickets
SELECT assignee_id AS agent_id, valid_from AS at, 1 AS value
FROM assignee_history
WHERE step = 1 AND valid_from > '-infinity'

-- name: first_replies
SELECT agent_id, replied_at AS at, 1 AS value FROM first_replies

-- name: first_reply_hours
SELECT agent_id, replied_at AS at, calendar_hours AS value FROM first_replies

-- name: first_reply_business_hours
SELECT agent_id, replied_at AS at, coalesce(business_hours, 0) AS value FROM first_replies

-- name: first_reply_sla
SELECT agent_id, replied_at AS at, CASE WHEN is_met THEN 1 ELSE 0 END AS value FROM sla_replies

-- name: solved_tickets
SELECT assignee_id AS agent_id, solved_at AS at, 1 AS value
FROM solves
WHERE solved_before IS NULL OR date_trunc('week', local_day(solved_before)) < date_trunc('week', local_day(solved_at))

-- name: reopen_rate
SELECT
    assignee_id AS agent_id, solved_at + INTERVAL '7 days' AS at,
    CASE
        WHEN next_status NOT IN ('solved', 'closed', 'deleted') AND valid_until < solved_at + INTERVAL '7 days' THEN 1
        ELSE 0
    END AS value
FROM resolution_times

-- name: time_to_resolve
SELECT assignee_id AS agent_id, solved_at AS at, hours - hours_on_hold AS value FROM resolution_times

-- name: resolution_hours
SELECT assignee_id AS agent_id, solved_at AS at, hours - hours_pending AS value FROM resolution_times

-- name: on_hold_hours
SELECT
    assignees.assignee_id AS agent_id, spells.valid_until AS at,
    date_part('epoch', spells.valid_until - spells.valid_from) / 3600 AS value
FROM status_history AS spells
JOIN assignee_history AS assignees
    ON assignees.ticket_id = spells.ticket_id
    AND assignees.valid_from <= spells.valid_until AND assignees.valid_until > spells.valid_until
WHERE spells.status = 'hold' AND spells.valid_until IS NOT NULL

-- name: pending_hours
SELECT
    assignees.assignee_id AS agent_id, spells.valid_until AS at,
    date_part('epoch', spells.valid_until - spells.valid_from) / 3600 AS value
FROM status_history AS spells
JOIN assignee_history AS assignees
    ON assignees.ticket_id = spells.ticket_id
    AND assignees.valid_from <= spells.valid_until AND assignees.valid_until > spells.valid_until
WHERE spells.status = 'pending' AND spells.valid_until IS NOT NULL

-- name: backlog
SELECT assignee_id AS agent_id, day + INTERVAL '12 hours' AS at, 1 AS value
FROM ticket_days
WHERE extract(isodow FROM day) = 7 AND status NOT IN ('solved', 'closed', 'deleted')
