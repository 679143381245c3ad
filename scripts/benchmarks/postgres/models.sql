-- The models between a connector's tables and the answers, as the packages for dbt have them: general tables that any question
-- may ask, each made once. Nothing here is wider than the questions need.

-- Everything that happened to tickets, and until when it held.
CREATE UNLOGGED TABLE updates AS
WITH all_updates AS (
    SELECT
        id, ticket_id, field_name, value, NULL::boolean AS is_public, user_id, updated AS valid_from,
        lead(updated) OVER (PARTITION BY ticket_id, field_name ORDER BY updated, id) AS valid_until
    FROM ticket_field_history
    UNION ALL
    SELECT
        id, ticket_id, 'comment', NULL, public, user_id, created,
        lead(created) OVER (PARTITION BY ticket_id ORDER BY created, id)
    FROM ticket_comment
)
SELECT all_updates.*, ticket.created_at AS ticket_created_at
FROM all_updates
LEFT JOIN ticket ON ticket.id = all_updates.ticket_id;
ANALYZE updates;

-- Spells of statuses, in the order of `step`.
CREATE UNLOGGED TABLE status_history AS
SELECT
    ticket_id, value AS status, valid_from, valid_until, ticket_created_at,
    row_number() OVER in_order AS step,
    lead(value) OVER in_order AS next_status
FROM updates
WHERE field_name = 'status'
WINDOW in_order AS (PARTITION BY ticket_id ORDER BY valid_from, id);
ANALYZE status_history;

-- Spells of assignees, in the order of `step`; a ticket that was never assigned has one without beginning or end.
CREATE UNLOGGED TABLE assignee_history AS
SELECT
    ticket_id, value::bigint AS assignee_id, valid_from, coalesce(valid_until, 'infinity') AS valid_until,
    row_number() OVER (PARTITION BY ticket_id ORDER BY valid_from, id) AS step
FROM updates
WHERE field_name = 'assignee_id'
UNION ALL
SELECT id, assignee_id, '-infinity', 'infinity', 1
FROM ticket
WHERE NOT EXISTS (
    SELECT FROM ticket_field_history AS history WHERE history.ticket_id = ticket.id AND history.field_name = 'assignee_id'
);
ANALYZE assignee_history;

-- Comments with who wrote them, what the last public one was, and whose the ticket was.
CREATE UNLOGGED TABLE comments_enriched AS
WITH joined AS (
    SELECT
        updates.id, updates.ticket_id, updates.user_id, updates.is_public, updates.valid_from AS commented_at,
        updates.ticket_created_at, assignees.assignee_id,
        CASE WHEN users.role = 'end-user' THEN 'external' ELSE 'internal' END AS commenter_role
    FROM updates
    JOIN users ON users.id = updates.user_id
    LEFT JOIN assignee_history AS assignees
        ON assignees.ticket_id = updates.ticket_id
        AND assignees.valid_from <= updates.valid_from AND assignees.valid_until > updates.valid_from
    WHERE updates.field_name = 'comment'
)
SELECT
    *,
    coalesce(lag(commenter_role) OVER (PARTITION BY ticket_id ORDER BY commented_at, id), 'first') AS previous_commenter_role
FROM joined
WHERE is_public
UNION ALL
SELECT *, 'none' FROM joined WHERE NOT is_public;
ANALYZE comments_enriched;

-- For each time that a requester began to wait, when somebody replied.
CREATE UNLOGGED TABLE reply_times AS
SELECT
    asked.ticket_id, asked.commented_at AS asked_at, asked.previous_commenter_role = 'first' AS is_first_comment,
    min(replies.commented_at) AS replied_at
FROM comments_enriched AS asked
LEFT JOIN comments_enriched AS replies
    ON replies.ticket_id = asked.ticket_id AND replies.is_public AND replies.commenter_role = 'internal'
    AND replies.commented_at > asked.commented_at
WHERE asked.is_public AND asked.commenter_role = 'external' AND asked.previous_commenter_role <> 'external'
GROUP BY 1, 2, 3;
ANALYZE reply_times;

-- Schedules as seconds of each week of UTC, so that a change of the clocks is in them.
CREATE UNLOGGED TABLE schedule_spine AS
WITH weeks AS (
    SELECT generate_series(
        date_trunc('week', min(created_at)) - INTERVAL '7 days', date_trunc('week', max(created_at)) + INTERVAL '60 days',
        INTERVAL '7 days'
    ) AS week
    FROM ticket
),
openings AS (
    SELECT
        schedule.id AS schedule_id,
        timezone('UTC', timezone(time_zone, week + make_interval(mins => start_time - 1440))) AS opens_at,
        timezone('UTC', timezone(time_zone, week + make_interval(mins => end_time - 1440))) AS closes_at
    FROM schedule
    CROSS JOIN weeks
)
SELECT
    schedule_id, date_trunc('week', opens_at) AS week, date_part('epoch', opens_at - date_trunc('week', opens_at)) AS start_second,
    date_part('epoch', closes_at - date_trunc('week', opens_at)) AS end_second
FROM openings;
ANALYZE schedule_spine;

CREATE UNLOGGED TABLE ticket_schedules AS
SELECT ticket.id AS ticket_id, schedule.schedule_id
FROM ticket
CROSS JOIN (SELECT id AS schedule_id, sum(end_time - start_time) FROM schedule GROUP BY id ORDER BY id LIMIT 1) AS schedule;
ANALYZE ticket_schedules;

-- The business hours to each first reply, added up week by week.
CREATE UNLOGGED TABLE first_reply_time_business AS
WITH weekly_periods AS (
    SELECT
        times.ticket_id, schedules.schedule_id, weeks.week,
        greatest(0, date_part('epoch', times.asked_at - weeks.week)) AS start_second,
        least(604800, date_part('epoch', times.replied_at - weeks.week)) AS end_second
    FROM reply_times AS times
    JOIN ticket_schedules AS schedules ON schedules.ticket_id = times.ticket_id
    CROSS JOIN LATERAL generate_series(
        date_trunc('week', times.asked_at), date_trunc('week', times.replied_at), INTERVAL '7 days'
    ) AS weeks(week)
    WHERE times.is_first_comment AND times.replied_at IS NOT NULL
)
SELECT
    periods.ticket_id,
    sum(greatest(0, least(periods.end_second, spine.end_second) - greatest(periods.start_second, spine.start_second))) / 3600
        AS business_hours
FROM weekly_periods AS periods
JOIN schedule_spine AS spine ON spine.schedule_id = periods.schedule_id AND spine.week = periods.week
GROUP BY periods.ticket_id;
ANALYZE first_reply_time_business;

-- First replies with who gave them, by the calendar and in business hours.
CREATE UNLOGGED TABLE first_replies AS
SELECT
    times.ticket_id, times.replied_at, comments.user_id AS agent_id,
    date_part('epoch', times.replied_at - times.asked_at) / 3600 AS calendar_hours, business.business_hours
FROM reply_times AS times
JOIN comments_enriched AS comments
    ON comments.ticket_id = times.ticket_id AND comments.commented_at = times.replied_at AND comments.is_public
LEFT JOIN first_reply_time_business AS business ON business.ticket_id = times.ticket_id
WHERE times.is_first_comment AND times.replied_at IS NOT NULL;
ANALYZE first_replies;

-- Targets for the first reply when they were applied, as their field says.
CREATE UNLOGGED TABLE sla_policy_applied AS
SELECT
    ticket_id, valid_from AS applied_at, (value::json ->> 'minutes')::int AS target_minutes,
    (value::json ->> 'in_business_hours')::boolean AS in_business_hours
FROM updates
WHERE field_name = 'first_reply_time';
ANALYZE sla_policy_applied;

-- When each target runs out: by the calendar, or in the period in which the open time of the weeks has used it up.
CREATE UNLOGGED TABLE sla_breaches AS
WITH weekly_periods AS (
    SELECT
        applied.ticket_id, applied.applied_at, applied.target_minutes * 60 AS target_seconds, schedules.schedule_id, weeks.week,
        greatest(0, date_part('epoch', applied.applied_at - weeks.week)) AS start_second
    FROM sla_policy_applied AS applied
    JOIN ticket_schedules AS schedules ON schedules.ticket_id = applied.ticket_id
    CROSS JOIN LATERAL generate_series(
        date_trunc('week', applied.applied_at),
        date_trunc('week', applied.applied_at) + INTERVAL '7 days' * (1 + ceil(applied.target_minutes / 2400.0)),
        INTERVAL '7 days'
    ) AS weeks(week)
    WHERE applied.in_business_hours
),
intercepted AS (
    SELECT
        periods.*, spine.end_second,
        sum(spine.end_second - greatest(periods.start_second, spine.start_second)) OVER (
            PARTITION BY periods.ticket_id, periods.applied_at ORDER BY periods.week, spine.start_second
            ROWS UNBOUNDED PRECEDING
        ) AS lapsed_seconds
    FROM weekly_periods AS periods
    JOIN schedule_spine AS spine
        ON spine.schedule_id = periods.schedule_id AND spine.week = periods.week AND spine.end_second > periods.start_second
)
SELECT
    ticket_id, applied_at,
    min(week + make_interval(secs => end_second - lapsed_seconds + target_seconds)) AS breaches_at
FROM intercepted
WHERE lapsed_seconds >= target_seconds
GROUP BY 1, 2
UNION ALL
SELECT ticket_id, applied_at, applied_at + make_interval(mins => target_minutes)
FROM sla_policy_applied
WHERE NOT in_business_hours;
ANALYZE sla_breaches;

-- The reply to each target, and whether it was in time.
CREATE UNLOGGED TABLE sla_replies AS
WITH replied AS (
    SELECT breaches.ticket_id, breaches.applied_at, breaches.breaches_at, min(replies.commented_at) AS replied_at
    FROM sla_breaches AS breaches
    JOIN comments_enriched AS replies
        ON replies.ticket_id = breaches.ticket_id AND replies.is_public AND replies.commenter_role = 'internal'
        AND replies.commented_at > breaches.applied_at
    GROUP BY 1, 2, 3
)
SELECT replied.ticket_id, replied.replied_at, comments.user_id AS agent_id, replied.replied_at <= replied.breaches_at AS is_met
FROM replied
JOIN comments_enriched AS comments
    ON comments.ticket_id = replied.ticket_id AND comments.commented_at = replied.replied_at AND comments.is_public;

-- Solves with whose the ticket was, and when it was solved before.
CREATE UNLOGGED TABLE solves AS
SELECT
    status.ticket_id, status.step, status.valid_from AS solved_at, status.valid_until, status.next_status,
    status.ticket_created_at, assignees.assignee_id,
    lag(status.valid_from) OVER (PARTITION BY status.ticket_id ORDER BY status.step) AS solved_before
FROM status_history AS status
LEFT JOIN assignee_history AS assignees
    ON assignees.ticket_id = status.ticket_id
    AND assignees.valid_from <= status.valid_from AND assignees.valid_until > status.valid_from
WHERE status.status = 'solved';
ANALYZE solves;

-- First solves with the hours before them, and how many of these a ticket waited.
CREATE UNLOGGED TABLE resolution_times AS
SELECT
    solves.ticket_id, solves.solved_at, solves.valid_until, solves.next_status, solves.assignee_id,
    date_part('epoch', solves.solved_at - solves.ticket_created_at) / 3600 AS hours,
    coalesce(sum(date_part('epoch', waits.valid_until - waits.valid_from)) FILTER (WHERE waits.status = 'hold'), 0) / 3600
        AS hours_on_hold,
    coalesce(sum(date_part('epoch', waits.valid_until - waits.valid_from)) FILTER (WHERE waits.status = 'pending'), 0) / 3600
        AS hours_pending
FROM solves
LEFT JOIN status_history AS waits
    ON waits.ticket_id = solves.ticket_id AND waits.step < solves.step AND waits.status IN ('hold', 'pending')
WHERE solves.solved_before IS NULL
GROUP BY 1, 2, 3, 4, 5, 6;

-- What each ticket was on each day, from its creation to its close: the last values of a day, carried on to the next change.
CREATE UNLOGGED TABLE field_history_scd AS
WITH last_of_day AS (
    SELECT DISTINCT ON (ticket_id, local_day(valid_from), field_name)
        ticket_id, local_day(valid_from) AS day, field_name, coalesce(value, '') AS value
    FROM updates
    WHERE field_name IN ('status', 'assignee_id')
    ORDER BY ticket_id, local_day(valid_from), field_name, valid_from DESC, id DESC
),
pivots AS (
    SELECT
        ticket_id, day, min(value) FILTER (WHERE field_name = 'status') AS status,
        min(value) FILTER (WHERE field_name = 'assignee_id') AS assignee_id
    FROM last_of_day
    GROUP BY ticket_id, day
),
partitioned AS (
    SELECT
        *, count(status) OVER in_order AS status_partition, count(assignee_id) OVER in_order AS assignee_partition,
        lead(day) OVER in_order AS next_day
    FROM pivots
    WINDOW in_order AS (PARTITION BY ticket_id ORDER BY day)
)
SELECT
    ticket_id, day AS valid_from, next_day AS valid_until,
    first_value(status) OVER (PARTITION BY ticket_id, status_partition ORDER BY day) AS status,
    first_value(assignee_id) OVER (PARTITION BY ticket_id, assignee_partition ORDER BY day) AS assignee_id
FROM partitioned;

CREATE UNLOGGED TABLE ticket_days AS
SELECT scd.ticket_id, days.day::date AS day, scd.status, nullif(scd.assignee_id, '')::bigint AS assignee_id
FROM field_history_scd AS scd
CROSS JOIN LATERAL generate_series(
    scd.valid_from::timestamp,
    coalesce(scd.valid_until - 1, CASE WHEN scd.status = 'closed' THEN scd.valid_from ELSE :'last_day'::date END)::timestamp,
    INTERVAL '1 day'
) AS days(day);
