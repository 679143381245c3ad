-- What a measure selects from, beside `people (username, zendesk_id, name)`. Usernames of engineers are spelt as in the team file,
-- and whatever account of somebody did a thing, it is `people.username` and `people.zendesk_id` that stand here for it.

-- The Monday of the reporting week that a moment falls in; `local_day(moment)` is the day, both in the zone of the reports.
CREATE TEMP MACRO reporting_week(moment) AS CAST(date_trunc('week', local_day(moment)) AS DATE);

CREATE TEMP VIEW merge_requests AS
SELECT
    merged.* REPLACE (coalesce(accounts.username, merged.author) AS author),
    coalesce(nullif(merged.title, ''), merged.project || '!' || merged.iid) AS caption
FROM stored_merge_requests AS merged
LEFT JOIN accounts ON accounts.gitlab_username = lower(merged.author);

-- `assignees` are people, whatever account of theirs was assigned, each once.
CREATE TEMP VIEW work_items AS
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
CREATE TEMP VIEW assigned_work_items AS
SELECT
    item.* EXCLUDE (assignee),
    people.username AS assignee,
    array_to_string(list_filter(item.assignees, lambda other: other <> item.assignee), ', ') AS others
FROM (SELECT *, unnest(assignees) AS assignee FROM work_items) AS item
JOIN people ON people.username = item.assignee;

CREATE TEMP VIEW tickets AS
SELECT ticket.* REPLACE (coalesce(agents_of.main_id, ticket.assignee_id) AS assignee_id), agents_of.username AS assignee
FROM stored_tickets AS ticket
LEFT JOIN agents_of ON agents_of.zendesk_id = ticket.assignee_id;

-- Where a ticket is; '' when no ticket is known.
SET VARIABLE tickets_at = (SELECT any_value(left(url, length(url) - length(CAST(id AS VARCHAR)))) FROM stored_tickets);
CREATE TEMP MACRO ticket_url(ticket_id) AS coalesce(getvariable('tickets_at') || ticket_id, '');

-- Who had a ticket from `since` until before `until`, from ever to for ever. Of changes at one moment the last one holds. The
-- ticket's present assignee tells nothing about the past, so it holds only if no change is known.
CREATE TEMP TABLE ticket_holders AS
WITH changes AS (
    SELECT
        ticket_id, "at" AS moment,
        coalesce(was.main_id, try_cast(old AS BIGINT)) AS old_id, coalesce(becomes.main_id, try_cast(new AS BIGINT)) AS new_id,
        row_number() OVER in_order AS step, lead("at") OVER in_order AS until
    FROM stored_ticket_events AS event
    LEFT JOIN agents_of AS was ON was.zendesk_id = try_cast(event.old AS BIGINT)
    LEFT JOIN agents_of AS becomes ON becomes.zendesk_id = try_cast(event.new AS BIGINT)
    WHERE kind = 'assignee'
    WINDOW in_order AS (PARTITION BY ticket_id ORDER BY "at", id)
),
stretches AS (
    SELECT ticket_id, moment AS since, coalesce(until, TIMESTAMP 'infinity') AS until, new_id AS assignee_id
    FROM changes
    WHERE until IS DISTINCT FROM moment
    UNION ALL
    SELECT ticket_id, TIMESTAMP '-infinity', moment, old_id FROM changes WHERE step = 1
    UNION ALL
    SELECT id, TIMESTAMP '-infinity', TIMESTAMP 'infinity', assignee_id
    FROM tickets
    ANTI JOIN changes ON changes.ticket_id = tickets.id
)
SELECT stretches.*, CAST(people.username AS engineer_name) AS assignee
FROM stretches
LEFT JOIN people ON people.zendesk_id = stretches.assignee_id;

-- Every event with who did it (`actor`) and whose ticket it was at that moment (`assignee`), both NULL when not an engineer. There
-- are many: they are read once and never sorted, next to tables small enough to look things up in. DuckDB cannot know which side
-- is the small one, so it is told.
SET disabled_optimizers = 'build_side_probe_side';
CREATE TEMP TABLE known_ticket_events AS
WITH further_ids AS (
    SELECT CAST(zendesk_id AS VARCHAR) AS id, CAST(main_id AS VARCHAR) AS main_id FROM agents_of WHERE zendesk_id <> main_id
),
actors AS (SELECT zendesk_id, main_id, CAST(username AS engineer_name) AS actor FROM agents_of)
SELECT
    event.id, event.ticket_id, event."at" AS happened_at, event.kind,
    coalesce(was.main_id, event.old) AS old, coalesce(becomes.main_id, event.new) AS new, event.created,
    coalesce(actors.main_id, event.actor_id) AS actor_id, actors.actor, holder.assignee_id, holder.assignee
FROM stored_ticket_events AS event
LEFT JOIN actors ON actors.zendesk_id = event.actor_id
LEFT JOIN ticket_holders AS holder
    ON holder.ticket_id = event.ticket_id AND holder.since <= event."at" AND holder.until > event."at"
LEFT JOIN further_ids AS was ON event.kind = 'assignee' AND was.id = event.old
LEFT JOIN further_ids AS becomes ON event.kind = 'assignee' AND becomes.id = event.new;
RESET disabled_optimizers;

CREATE TEMP VIEW ticket_events AS
SELECT
    id, ticket_id, happened_at, kind, old, new, created, actor_id, assignee_id, ticket_url(ticket_id) AS url, actor, assignee
FROM known_ticket_events;
