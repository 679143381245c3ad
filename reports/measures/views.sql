-- What a measure selects from, beside `people (username, zendesk_id, name)`. Usernames of engineers are spelt as in the team file,
-- and whatever account of somebody did a thing, it is `people.username` and `people.zendesk_id` that stand here for it.

-- The Monday of the reporting week that a moment falls in; `local_day(moment)` is the day, both in the zone of the reports.
CREATE TEMP MACRO reporting_week(moment) AS CAST(date_trunc('week', local_day(moment)) AS DATE);

CREATE TEMP TABLE merge_requests AS
SELECT
    merged.* REPLACE (coalesce(accounts.username, merged.author) AS author),
    coalesce(nullif(merged.title, ''), merged.project || '!' || merged.iid) AS caption
FROM stored_merge_requests AS merged
LEFT JOIN accounts ON accounts.gitlab_username = lower(merged.author);

-- `assignees` are people, whatever account of theirs was assigned, each once.
CREATE TEMP TABLE work_items AS
WITH assigned AS (
    SELECT item.id, list_sort(list(DISTINCT coalesce(accounts.username, item.assignee))) AS assignees
    FROM (SELECT id, unnest(assignees) AS assignee FROM stored_work_items) AS item
    LEFT JOIN accounts ON accounts.gitlab_username = lower(item.assignee)
    GROUP BY item.id
)
SELECT
    item.* REPLACE (
        coalesce(accounts.username, item.author) AS author,
        coalesce(closer.username, item.closed_by) AS closed_by,
        coalesce(assigned.assignees, []) AS assignees
    ),
    coalesce(nullif(item.title, ''), item.project || '#' || item.iid) AS caption
FROM stored_work_items AS item
LEFT JOIN assigned ON assigned.id = item.id
LEFT JOIN accounts ON accounts.gitlab_username = lower(item.author)
LEFT JOIN accounts AS closer ON closer.gitlab_username = lower(item.closed_by);

-- One row per work item and engineer assigned to it; `others` names the other assignees.
CREATE TEMP TABLE assigned_work_items AS
SELECT
    item.* EXCLUDE (assignee),
    people.username AS assignee,
    array_to_string(list_filter(item.assignees, lambda other: other <> item.assignee), ', ') AS others
FROM (SELECT *, unnest(assignees) AS assignee FROM work_items) AS item
JOIN people ON people.username = item.assignee;

-- Every ticket as it was seen last, with its present assignee. No measure here asks for it: who has a ticket now did not always.
CREATE TEMP TABLE tickets AS
SELECT ticket.* REPLACE (coalesce(agents_of.main_id, ticket.assignee_id) AS assignee_id), agents_of.username AS assignee
FROM stored_tickets AS ticket
LEFT JOIN agents_of ON agents_of.zendesk_id = ticket.assignee_id;

-- Where a ticket is; '' when no ticket is known.
SET VARIABLE tickets_at = (SELECT left(url, length(url) - length(CAST(id AS VARCHAR))) FROM stored_tickets LIMIT 1);
CREATE TEMP MACRO ticket_url(ticket_id) AS coalesce(getvariable('tickets_at') || ticket_id, '');

-- The form of each ticket, what it is about; '' of one that has none. A type of its own lets columns hold small numbers.
CREATE TYPE form_name AS ENUM (SELECT DISTINCT ticket_form FROM stored_tickets);
CREATE TEMP TABLE ticket_forms AS SELECT id AS ticket_id, CAST(ticket_form AS form_name) AS ticket_form FROM stored_tickets;

-- --- Who answers ------------------------------------------------------------------------------------------------

CREATE TEMP TABLE bots AS
SELECT id FROM stored_agents WHERE is_bot
UNION
SELECT unnest(CAST(getvariable('bots') AS BIGINT[]));

-- People who may answer a requester: engineers, and whoever Zendesk lists or listed as an agent; no bot and no light agent.
CREATE TEMP TABLE answering_agents AS
(SELECT main_id AS id FROM agents_of UNION SELECT id FROM stored_agents WHERE role <> 'light_agent')
EXCEPT
SELECT id FROM bots;

-- Every id under which one of them does things in Zendesk, with the one that stands for them, and who it is of the engineers.
CREATE TEMP TABLE actors AS
SELECT ids.id, ids.main_id, people.username AS actor, answering_agents.id IS NOT NULL AS by_agent
FROM (
    SELECT zendesk_id AS id, main_id FROM agents_of
    UNION
    SELECT id, id FROM answering_agents WHERE id NOT IN (SELECT zendesk_id FROM agents_of)
) AS ids
LEFT JOIN people ON people.zendesk_id = ids.main_id
LEFT JOIN answering_agents ON answering_agents.id = ids.main_id;

-- --- Whose a ticket is --------------------------------------------------------------------------------------------

-- Every assignment, to `new_id` by `actor_id`; `last_id` is who had the ticket before, also when nobody had it in between.
CREATE TEMP TABLE ticket_assignments AS
WITH changes AS (
    SELECT
        event.id, event.ticket_id, event."at" AS happened_at, coalesce(actors.main_id, event.actor_id) AS actor_id,
        coalesce(was.main_id, try_cast(event.old AS BIGINT)) AS old_id,
        coalesce(becomes.main_id, try_cast(event.new AS BIGINT)) AS new_id
    FROM stored_ticket_events AS event
    LEFT JOIN actors ON actors.id = event.actor_id
    LEFT JOIN actors AS was ON was.id = try_cast(event.old AS BIGINT)
    LEFT JOIN actors AS becomes ON becomes.id = try_cast(event.new AS BIGINT)
    WHERE event.kind = 'assignee'
)
SELECT
    * EXCLUDE (id),
    coalesce(old_id, lag(new_id IGNORE NULLS) OVER in_order) AS last_id,
    row_number() OVER in_order AS step,
    lead(happened_at) OVER in_order AS until
FROM changes
WINDOW in_order AS (PARTITION BY ticket_id ORDER BY happened_at, id);

-- Who had a ticket from `since` until before `until`, from ever to for ever. Of changes at one moment the last one holds. The
-- ticket's present assignee tells nothing about the past, so it holds only if no change is known.
CREATE TEMP TABLE ticket_holders AS
WITH stretches AS (
    SELECT ticket_id, happened_at AS since, coalesce(until, TIMESTAMP 'infinity') AS until, new_id AS assignee_id
    FROM ticket_assignments
    WHERE until IS DISTINCT FROM happened_at
    UNION ALL
    SELECT ticket_id, TIMESTAMP '-infinity', happened_at, old_id FROM ticket_assignments WHERE step = 1
    UNION ALL
    SELECT ticket.id, TIMESTAMP '-infinity', TIMESTAMP 'infinity', coalesce(agents_of.main_id, ticket.assignee_id)
    FROM stored_tickets AS ticket
    LEFT JOIN agents_of ON agents_of.zendesk_id = ticket.assignee_id
    ANTI JOIN ticket_assignments ON ticket_assignments.ticket_id = ticket.id
)
SELECT stretches.*, people.username AS assignee
FROM stretches
LEFT JOIN people ON people.zendesk_id = stretches.assignee_id;

-- --- Tickets over time --------------------------------------------------------------------------------------------

-- Every tag that a ticket got, also if it was taken off again.
CREATE TEMP TABLE ticket_tags AS
SELECT ticket_id, "at" AS tagged_at, new AS tag FROM stored_ticket_events WHERE kind = 'tag' AND new IS NOT NULL;

-- Tickets that were merged into another, in which they count. The tag goes when a ticket is scrubbed, the event stays.
CREATE TEMP TABLE merged_tickets AS
SELECT id AS ticket_id FROM stored_tickets WHERE list_contains(tags, 'closed_by_merge')
UNION
SELECT ticket_id FROM ticket_tags WHERE tag = 'closed_by_merge';

-- Every promise of a next update, `promised` as it was written in the ticket's field; NULL when it was taken back.
CREATE TEMP TABLE next_updates AS
SELECT ticket_id, id, "at" AS promised_at, new AS promised FROM stored_ticket_events WHERE kind = 'next_update';

-- Tickets that an AI agent handles and no person has taken over: none of the organisation's, as Zendesk itself has it.
CREATE TEMP TABLE ai_agent_tickets AS
SELECT id AS ticket_id FROM stored_tickets WHERE by_ai_agent;

-- The words for whose a ticket was when somebody did something to it.
CREATE TEMP MACRO whose(assignee_id, actor_id) AS
    CASE WHEN assignee_id IS NULL THEN ', unassigned' WHEN assignee_id <> actor_id THEN ', a colleague''s' ELSE '' END;

CREATE TYPE ticket_status AS ENUM (
    SELECT DISTINCT unnest([old, new]) AS status
    FROM (SELECT DISTINCT old, new FROM stored_ticket_events WHERE kind = 'status')
);

-- Every status a ticket had: from `since`, set by `actor_id`, until `until`, NULL while it lasts, and then `next_status`. `step`
-- counts from 1; `was` is the status before, NULL of a new ticket.
CREATE TEMP TABLE ticket_statuses AS
WITH changes AS (
    SELECT
        event.id, event.ticket_id, CAST(event.new AS ticket_status) AS status, CAST(event.old AS ticket_status) AS was,
        event."at" AS since, coalesce(actors.main_id, event.actor_id) AS actor_id
    FROM stored_ticket_events AS event
    LEFT JOIN actors ON actors.id = event.actor_id
    WHERE event.kind = 'status'
)
SELECT
    * EXCLUDE (id),
    row_number() OVER in_order AS step,
    lead(since) OVER in_order AS until,
    lead(status) OVER in_order AS next_status
FROM changes
WINDOW in_order AS (PARTITION BY ticket_id ORDER BY since, id);

CREATE TYPE ticket_priority AS ENUM (
    SELECT old FROM stored_ticket_events WHERE kind = 'priority' AND old IS NOT NULL
    UNION
    SELECT new FROM stored_ticket_events WHERE kind = 'priority' AND new IS NOT NULL
    UNION
    SELECT priority FROM stored_tickets WHERE priority <> ''
);

-- Every priority a ticket had, from `since` until before `until`; none when it had none. Of a ticket without a known change, the
-- present one holds for ever.
CREATE TEMP TABLE ticket_priorities AS
WITH changes AS (
    SELECT
        ticket_id, CAST(old AS ticket_priority) AS old, CAST(new AS ticket_priority) AS new, "at" AS happened_at,
        row_number() OVER in_order AS step, lead("at") OVER in_order AS until
    FROM stored_ticket_events
    WHERE kind = 'priority'
    WINDOW in_order AS (PARTITION BY ticket_id ORDER BY "at", id)
)
SELECT ticket_id, new AS priority, happened_at AS since, coalesce(until, TIMESTAMP 'infinity') AS until
FROM changes
WHERE new IS NOT NULL
UNION ALL
SELECT ticket_id, old, TIMESTAMP '-infinity', happened_at FROM changes WHERE step = 1 AND old IS NOT NULL
UNION ALL
SELECT id, CAST(priority AS ticket_priority), TIMESTAMP '-infinity', TIMESTAMP 'infinity'
FROM stored_tickets
ANTI JOIN changes ON changes.ticket_id = stored_tickets.id
WHERE priority <> '';

-- The first assignment of every ticket that is known to have been nobody's before; merged tickets are left out.
CREATE TEMP TABLE first_assignments AS
SELECT
    first.ticket_id, first.happened_at AS assigned_at, people.username AS assignee, forms.ticket_form,
    coalesce(first.actor_id = first.new_id, false) AS is_taken
FROM ticket_assignments AS first
JOIN people ON people.zendesk_id = first.new_id
LEFT JOIN ticket_forms AS forms ON forms.ticket_id = first.ticket_id
ANTI JOIN merged_tickets ON merged_tickets.ticket_id = first.ticket_id
WHERE first.step = 1 AND first.old_id IS NULL;

-- --- Comments and replies -----------------------------------------------------------------------------------------

-- Every comment, who wrote it, and whose ticket it was at that moment. Of answering agents where `by_agent` holds; where
-- `is_notice` holds nobody wrote it, a merge left it in the ticket that it closed.
CREATE TEMP TABLE ticket_comments AS
SELECT
    event.id, event.ticket_id, event."at" AS happened_at, event.created, event.new = 'public' AS is_public,
    coalesce(actors.main_id, event.actor_id) AS actor_id, actors.actor, holders.assignee_id,
    coalesce(actors.by_agent, false) AS by_agent, merges.ticket_id IS NOT NULL AS is_notice
FROM stored_ticket_events AS event
LEFT JOIN actors ON actors.id = event.actor_id
LEFT JOIN ticket_holders AS holders
    ON holders.ticket_id = event.ticket_id AND holders.since <= event."at" AND holders.until > event."at"
LEFT JOIN (
    SELECT DISTINCT ticket_id, "at"
    FROM stored_ticket_events
    SEMI JOIN merged_tickets USING (ticket_id)
    WHERE kind = 'status' AND new = 'closed'
) AS merges ON merges.ticket_id = event.ticket_id AND merges."at" = event."at"
WHERE event.kind = 'comment';

CREATE TEMP VIEW comments AS
SELECT id, ticket_id, happened_at, created, is_public, actor_id, actor, assignee_id, by_agent
FROM ticket_comments
WHERE NOT is_notice;

-- What happened to tickets beside comments.
CREATE TEMP TABLE other_ticket_events AS
SELECT
    event.id, event.ticket_id, event."at" AS happened_at, event.kind, event.created,
    CASE WHEN event.kind = 'assignee' THEN coalesce(CAST(was.main_id AS VARCHAR), event.old) ELSE event.old END AS old,
    CASE WHEN event.kind = 'assignee' THEN coalesce(CAST(becomes.main_id AS VARCHAR), event.new) ELSE event.new END AS new,
    coalesce(actors.main_id, event.actor_id) AS actor_id
FROM stored_ticket_events AS event
LEFT JOIN actors ON actors.id = event.actor_id
LEFT JOIN actors AS was ON was.id = try_cast(event.old AS BIGINT)
LEFT JOIN actors AS becomes ON becomes.id = try_cast(event.new AS BIGINT)
WHERE event.kind <> 'comment';

-- Every event with who did it (`actor`) and whose ticket it was at that moment (`assignee`), both NULL when not an engineer.
CREATE TEMP VIEW ticket_events AS
SELECT
    event.id, event.ticket_id, event.happened_at, event.kind, event.old, event.new, event.created, event.actor_id,
    holders.assignee_id, ticket_url(event.ticket_id) AS url, people.username AS actor, holders.assignee
FROM (
    SELECT id, ticket_id, happened_at, kind, old, new, created, actor_id FROM other_ticket_events
    UNION ALL
    SELECT id, ticket_id, happened_at, 'comment', NULL, CASE WHEN is_public THEN 'public' ELSE 'internal' END, created, actor_id
    FROM ticket_comments
) AS event
LEFT JOIN people ON people.zendesk_id = event.actor_id
LEFT JOIN ticket_holders AS holders
    ON holders.ticket_id = event.ticket_id AND holders.since <= event.happened_at AND holders.until > event.happened_at;

-- Tickets whose creation is known, with their first touch and first public reply by an answering agent, and who that was. One that
-- an agent opened waited for nobody, and is left out; so is a merged one.
CREATE TEMP TABLE ticket_beginnings AS
WITH creations AS (
    SELECT event.ticket_id, min(event."at") AS created_at, bool_or(coalesce(actors.by_agent, false)) AS by_agent
    FROM stored_ticket_events AS event
    LEFT JOIN actors ON actors.id = event.actor_id
    WHERE event.created
    GROUP BY event.ticket_id
),
firsts AS (
    SELECT
        event.ticket_id,
        min({'at': event."at", 'by_id': actors.main_id}) AS touch,
        min({'at': event."at", 'by_id': actors.main_id}) FILTER (event.kind = 'comment' AND event.new = 'public') AS reply
    FROM stored_ticket_events AS event
    JOIN actors ON actors.id = event.actor_id AND actors.by_agent
    GROUP BY event.ticket_id
)
SELECT
    creations.ticket_id, creations.created_at, firsts.touch.at AS touched_at, firsts.touch.by_id AS touched_by_id,
    firsts.reply.at AS replied_at, firsts.reply.by_id AS replied_by_id
FROM creations
LEFT JOIN firsts ON firsts.ticket_id = creations.ticket_id
ANTI JOIN merged_tickets ON merged_tickets.ticket_id = creations.ticket_id
WHERE NOT creations.by_agent;

CREATE TEMP TABLE first_replies AS
SELECT
    beginning.ticket_id, beginning.created_at, beginning.replied_at, people.username AS actor, forms.ticket_form,
    priorities.priority, epoch(beginning.replied_at - beginning.created_at) / 3600 AS hours
FROM ticket_beginnings AS beginning
LEFT JOIN people ON people.zendesk_id = beginning.replied_by_id
LEFT JOIN ticket_forms AS forms ON forms.ticket_id = beginning.ticket_id
LEFT JOIN ticket_priorities AS priorities
    ON priorities.ticket_id = beginning.ticket_id
    AND priorities.since <= beginning.replied_at AND beginning.replied_at < priorities.until
WHERE beginning.replied_at IS NOT NULL;

-- --- Solves -------------------------------------------------------------------------------------------------------

-- Every solve of a ticket, merged ones left out, with its form and whose it was then. `solved_before` is when it was solved last before;
-- the solve lasted until `until`, NULL while it lasts, and then came `next_status`.
CREATE TEMP TABLE solves AS
SELECT
    solve.ticket_id, solve.step, solve.since AS solved_at, solve.actor_id, holders.assignee_id, holders.assignee,
    solve.until, solve.next_status, forms.ticket_form,
    lag(solve.since) OVER (PARTITION BY solve.ticket_id ORDER BY solve.step) AS solved_before
FROM ticket_statuses AS solve
ANTI JOIN merged_tickets ON merged_tickets.ticket_id = solve.ticket_id
LEFT JOIN ticket_forms AS forms ON forms.ticket_id = solve.ticket_id
LEFT JOIN ticket_holders AS holders
    ON holders.ticket_id = solve.ticket_id AND holders.since <= solve.since AND holders.until > solve.since
WHERE solve.status = 'solved';

-- The first solve of every ticket whose beginning is known, merged ones left out; hours by the calendar since it was created, and
-- how many of them it was on hold and pending.
CREATE TEMP TABLE first_solves AS
WITH firsts AS (
    SELECT
        solves.ticket_id, solves.step, solves.solved_at, solves.assignee, solves.ticket_form, beginning.since AS created_at,
        CASE WHEN solves.next_status NOT IN ('solved', 'closed', 'deleted') THEN solves.until END AS reopened_at
    FROM solves
    JOIN ticket_statuses AS beginning
        ON beginning.ticket_id = solves.ticket_id AND beginning.step = 1 AND beginning.was IS NULL
    WHERE solves.solved_before IS NULL
),
waits AS (
    SELECT
        spell.ticket_id,
        sum(epoch(spell.until - spell.since)) FILTER (spell.status = 'hold') / 3600 AS hours_on_hold,
        sum(epoch(spell.until - spell.since)) FILTER (spell.status = 'pending') / 3600 AS hours_pending
    FROM ticket_statuses AS spell
    JOIN firsts ON firsts.ticket_id = spell.ticket_id AND spell.step < firsts.step
    WHERE spell.status IN ('hold', 'pending')
    GROUP BY spell.ticket_id
)
SELECT
    firsts.ticket_id, firsts.solved_at, firsts.assignee, firsts.ticket_form, priorities.priority,
    epoch(firsts.solved_at - firsts.created_at) / 3600 AS hours,
    coalesce(waits.hours_on_hold, 0) AS hours_on_hold,
    coalesce(waits.hours_pending, 0) AS hours_pending,
    firsts.reopened_at
FROM firsts
LEFT JOIN waits ON waits.ticket_id = firsts.ticket_id
LEFT JOIN ticket_priorities AS priorities
    ON priorities.ticket_id = firsts.ticket_id AND priorities.since <= firsts.solved_at AND firsts.solved_at < priorities.until;

-- --- Service levels -----------------------------------------------------------------------------------------------

-- Every reply that a requester waited for under a policy, once it was given or is late: `instance` 1 is the first reply, later
-- ones are next replies. A breach that Zendesk took back is none. `decided_at` is when it was kept or missed, the priority that of
-- the moment the target was applied. `actor` wrote the reply, NULL when no engineer did; `by_bot` holds when no person did.
CREATE TEMP TABLE reply_targets AS
WITH turns AS MATERIALIZED (
    SELECT
        ticket_id, instance,
        min("at") FILTER (kind = 'fulfill') AS replied_at,
        min("at") FILTER (kind = 'breach') AS breached_at,
        max("at") FILTER (kind = 'apply_sla') AS applied_at,
        count(*) FILTER (kind = 'apply_sla') AS times_applied,
        bool_or(target_seconds IS NOT NULL) AS has_target
    FROM stored_ticket_metric_events
    WHERE metric = 'reply_time' AND instance >= 1 AND NOT is_deleted AND kind IN ('apply_sla', 'breach', 'fulfill')
    GROUP BY ticket_id, instance
    HAVING has_target AND (replied_at IS NOT NULL OR breached_at IS NOT NULL)
),
-- Where several targets were applied, as when the policy or the priority changed, the last one before the reply counts.
last_targets AS (
    SELECT steps.ticket_id, steps.instance, steps."at" AS applied_at, steps.target_seconds IS NOT NULL AS has_target
    FROM stored_ticket_metric_events AS steps
    JOIN turns
        ON turns.ticket_id = steps.ticket_id AND turns.instance = steps.instance AND turns.times_applied > 1
        AND (turns.replied_at IS NULL OR steps."at" < turns.replied_at)
    WHERE steps.metric = 'reply_time' AND steps.kind = 'apply_sla' AND NOT steps.is_deleted
    QUALIFY row_number() OVER (PARTITION BY steps.ticket_id, steps.instance ORDER BY steps."at" DESC, steps.id DESC) = 1
),
verdicts AS (
    SELECT
        turns.ticket_id, turns.instance, turns.replied_at, turns.breached_at,
        coalesce(last.applied_at, turns.applied_at) AS applied_at,
        coalesce(turns.breached_at IS NULL OR turns.breached_at > turns.replied_at, false) AS is_met
    FROM turns
    LEFT JOIN last_targets AS last ON last.ticket_id = turns.ticket_id AND last.instance = turns.instance
    ANTI JOIN merged_tickets ON merged_tickets.ticket_id = turns.ticket_id
    WHERE CASE
        WHEN turns.times_applied > 1 THEN last.has_target
        ELSE turns.replied_at IS NULL OR turns.applied_at < turns.replied_at
    END
),
replies AS (
    SELECT
        verdicts.ticket_id, verdicts.instance,
        min(comments.actor) FILTER (comments.by_agent) AS actor,
        NOT bool_or(comments.by_agent) AND bool_or(comments.actor_id IS NULL OR bots.id IS NOT NULL) AS by_bot
    FROM verdicts
    JOIN comments
        ON comments.ticket_id = verdicts.ticket_id AND comments.happened_at = verdicts.replied_at
        AND comments.is_public AND NOT comments.created
    LEFT JOIN bots ON bots.id = comments.actor_id
    GROUP BY verdicts.ticket_id, verdicts.instance
)
SELECT
    verdicts.ticket_id, verdicts.instance, verdicts.replied_at, verdicts.breached_at, verdicts.is_met,
    CASE WHEN verdicts.is_met THEN verdicts.replied_at ELSE verdicts.breached_at END AS decided_at,
    priorities.priority, replies.actor, coalesce(replies.by_bot, false) AS by_bot
FROM verdicts
LEFT JOIN replies ON replies.ticket_id = verdicts.ticket_id AND replies.instance = verdicts.instance
LEFT JOIN ticket_priorities AS priorities
    ON priorities.ticket_id = verdicts.ticket_id
    AND priorities.since <= verdicts.applied_at AND verdicts.applied_at < priorities.until;

-- --- Business hours -----------------------------------------------------------------------------------------------

-- The time from the first ticket event that is known to the last.
CREATE TEMP TABLE known_time AS
SELECT min("at") AS first_at, max("at") AS last_at FROM stored_ticket_events;

-- The instant, in UTC, at which a clock on the wall of a zone first shows a time. A time that the clock skips in spring counts as
-- if it had not been put forward yet; of one that it shows twice in autumn the first counts. DuckDB takes the second, so the
-- offset of some hours before is tried first.
CREATE TEMP MACRO wall_of(zone, moment) AS timezone(zone, timezone('UTC', CAST(moment AS TIMESTAMP)));
CREATE TEMP MACRO utc_later(zone, wall) AS timezone('UTC', timezone(zone, CAST(wall AS TIMESTAMP)));
CREATE TEMP MACRO utc_earlier(zone, wall) AS
    wall - (wall_of(zone, utc_later(zone, wall) - INTERVAL 4 HOURS) - (utc_later(zone, wall) - INTERVAL 4 HOURS));
CREATE TEMP MACRO utc_of(zone, wall) AS
    CASE WHEN wall_of(zone, utc_earlier(zone, wall)) = wall THEN utc_earlier(zone, wall) ELSE utc_later(zone, wall) END;

-- The schedule that was in force by default, from `since` until before `until`, with its week, its zone and its days off. The
-- first version known holds for the time before it too.
CREATE TEMP TABLE schedules_in_force AS
WITH moments AS (
    SELECT valid_from AS moment, lead(valid_from) OVER (ORDER BY valid_from) AS next_moment
    FROM (SELECT DISTINCT valid_from FROM stored_business_hours)
),
known AS (
    SELECT moments.moment, moments.next_moment, hours.*
    FROM moments
    JOIN stored_business_hours AS hours ON hours.valid_from <= moments.moment
    QUALIFY row_number() OVER (PARTITION BY moments.moment, hours.schedule_id ORDER BY hours.valid_from DESC) = 1
)
SELECT
    time_zone, opens, closes, holidays,
    CASE WHEN moment = (SELECT min(moment) FROM moments) THEN TIMESTAMP '-infinity' ELSE moment END AS since,
    coalesce(next_moment, TIMESTAMP 'infinity') AS until
FROM known
WHERE is_default AND time_zone IN (SELECT name FROM pg_timezone_names())
QUALIFY row_number() OVER (PARTITION BY moment ORDER BY valid_from DESC, schedule_id) = 1;

-- The stretches in which support was open, in UTC and in order; `open_before` counts the open seconds before each. A day off is a
-- whole day of the schedule's zone.
CREATE TEMP TABLE open_hours AS
WITH days AS (
    SELECT CAST(midnight AS DATE) AS day
    FROM (
        SELECT unnest(generate_series(CAST(first_at AS DATE) - 2, CAST(last_at AS DATE) + 2, INTERVAL 1 DAY)) AS midnight
        FROM known_time
    )
),
weekly AS (
    SELECT
        time_zone, holidays, since, until,
        list_extract(opens, number) AS opens, list_extract(closes, number) AS closes
    FROM (SELECT *, unnest(range(1, 1 + array_length(opens))) AS number FROM schedules_in_force)
),
stretches AS (
    SELECT
        weekly.*, days.day,
        weekly.opens - 1440 * dayofweek(days.day) AS opening, weekly.closes - 1440 * dayofweek(days.day) AS closing
    FROM weekly
    JOIN days ON days.day >= weekly.since - INTERVAL 2 DAYS AND days.day <= weekly.until + INTERVAL 2 DAYS
),
clipped AS (
    SELECT
        greatest(utc_of(time_zone, CAST(day AS TIMESTAMP) + opening * INTERVAL 1 MINUTE), since) AS opens_at,
        least(utc_of(time_zone, CAST(day AS TIMESTAMP) + closing * INTERVAL 1 MINUTE), until) AS closes_at
    FROM stretches
    WHERE opening BETWEEN 0 AND 1439
        AND array_length(list_filter(
            holidays, lambda off: day BETWEEN CAST(split_part(off, '/', 1) AS DATE) AND CAST(split_part(off, '/', 2) AS DATE)
        )) = 0
),
apart AS (
    SELECT
        greatest(opens_at, coalesce(max(closes_at) OVER so_far, opens_at)) AS opens_at,
        closes_at
    FROM clipped
    WHERE opens_at < closes_at
    WINDOW so_far AS (ORDER BY opens_at, closes_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT
    opens_at, closes_at, epoch(closes_at - opens_at) AS seconds,
    coalesce(sum(epoch(closes_at - opens_at)) OVER so_far, 0) AS open_before
FROM apart
WHERE opens_at < closes_at
WINDOW so_far AS (ORDER BY opens_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

-- --- Backlog ------------------------------------------------------------------------------------------------------

-- The ends of reporting weeks, from the first event that is known to the end of what is asked for.
CREATE TEMP TABLE week_ends AS
SELECT CAST(monday AS DATE) AS monday, utc_of(getvariable('reporting_zone'), monday) AS ended_at
FROM (
    SELECT unnest(generate_series(
        CAST(reporting_week(first_at) AS TIMESTAMP),
        CAST(reporting_week(coalesce(CAST(getvariable('measured_until') AS TIMESTAMP), last_at)) AS TIMESTAMP),
        INTERVAL 7 DAYS
    )) AS monday
    FROM known_time
);

-- Every ticket that was not solved in the last instant of a reporting week, with what held then; those of AI agents are left out.
-- Where the last known event does not say so, the ticket itself tells that it is done.
CREATE TEMP TABLE backlog AS
WITH spells AS (
    SELECT ticket_id, status, since, until FROM ticket_statuses
    UNION ALL
    SELECT first.ticket_id, first.was, ticket.created_at, first.since
    FROM ticket_statuses AS first
    JOIN stored_tickets AS ticket ON ticket.id = first.ticket_id
    WHERE first.step = 1 AND first.was IS NOT NULL
    UNION ALL
    SELECT id, status, created_at, NULL
    FROM stored_tickets
    ANTI JOIN ticket_statuses ON ticket_statuses.ticket_id = stored_tickets.id
),
unsolved AS (
    SELECT ticket_id, created_at, reporting_week(since) AS first_week, reporting_week(known_until) AS last_week
    FROM (
        SELECT
            spells.ticket_id, ticket.created_at, spells.since,
            least(
                coalesce(spells.until, CASE WHEN ticket.status IN ('solved', 'closed', 'deleted') THEN ticket.seen_at END),
                last.ended_at
            ) AS known_until
        FROM spells
        JOIN stored_tickets AS ticket ON ticket.id = spells.ticket_id AND NOT ticket.by_ai_agent
        CROSS JOIN (SELECT max(ended_at) AS ended_at FROM week_ends) AS last
        WHERE spells.status IN ('new', 'open', 'pending', 'hold')
    )
),
waiting AS (
    SELECT unsolved.ticket_id, unsolved.created_at, week_ends.ended_at
    FROM (
        SELECT ticket_id, created_at, first_week + 7 * CAST(number AS INTEGER) AS monday
        FROM (
            SELECT *, unnest(range(1, 1 + date_diff('day', first_week, last_week) // 7)) AS number
            FROM unsolved
            WHERE first_week < last_week
        )
    ) AS unsolved
    JOIN week_ends ON week_ends.monday = unsolved.monday
)
SELECT
    waiting.ticket_id,
    waiting.ended_at - INTERVAL 1 MICROSECOND AS "at",
    holders.assignee_id,
    holders.assignee,
    priorities.priority,
    epoch(waiting.ended_at - waiting.created_at) / 86400 AS age_in_days
FROM waiting
LEFT JOIN ticket_priorities AS priorities
    ON priorities.ticket_id = waiting.ticket_id AND priorities.since < waiting.ended_at AND priorities.until >= waiting.ended_at
LEFT JOIN ticket_holders AS holders
    ON holders.ticket_id = waiting.ticket_id AND holders.since < waiting.ended_at AND holders.until >= waiting.ended_at;

-- --- Other sources ------------------------------------------------------------------------------------------------

-- When an issue was first closed, and by whom, `closed_by`: as its events say, and where they are not known, as the issue does.
CREATE TEMP TABLE closed_work_items AS
SELECT
    item.id, item.area, item.url, item.caption,
    coalesce(closing."at", item.closed_at) AS closed_at,
    coalesce(accounts.username, closing.actor, item.closed_by) AS closed_by
FROM work_items AS item
LEFT JOIN (
    SELECT item, min("at") AS "at", arg_min(actor, ("at", id)) AS actor
    FROM stored_work_item_events
    WHERE kind = 'closed'
    GROUP BY item
) AS closing ON closing.item = item.id
LEFT JOIN accounts ON accounts.gitlab_username = lower(closing.actor)
WHERE closing."at" IS NOT NULL OR item.closed_at IS NOT NULL;

CREATE TEMP VIEW user_events AS
SELECT event.* REPLACE (coalesce(accounts.username, event.author) AS author)
FROM stored_user_events AS event
LEFT JOIN accounts ON accounts.gitlab_username = lower(event.author);

-- The last word on each ticket: a rating that was changed is a new one. It belongs to who had the ticket when it was rated, as
-- the rating says, or else as the ticket's events do.
CREATE TEMP VIEW satisfaction_ratings AS
SELECT
    rating.ticket_id, rating."at" AS rated_at, rating.score, forms.ticket_form,
    CASE WHEN rating.assignee_id IS NULL THEN CAST(holders.assignee AS VARCHAR) ELSE agents_of.username END AS assignee
FROM (
    SELECT * FROM stored_satisfaction_ratings
    QUALIFY row_number() OVER (PARTITION BY ticket_id ORDER BY "at" DESC, id DESC) = 1
) AS rating
LEFT JOIN agents_of ON agents_of.zendesk_id = rating.assignee_id
LEFT JOIN ticket_forms AS forms ON forms.ticket_id = rating.ticket_id
LEFT JOIN ticket_holders AS holders
    ON holders.ticket_id = rating.ticket_id AND holders.since <= rating."at" AND rating."at" < holders.until;
