-- What a measure selects from, beside `people (username, zendesk_id, name)`. Usernames of engineers are spelt as in the team file,
-- and whatever account of somebody did a thing, it is `people.username` and `people.zendesk_id` that stand here for it.

-- The Monday of the reporting week that a moment falls in, in the zone the team's weeks are counted in.
CREATE TEMP MACRO reporting_week(moment) AS
    CAST(date_trunc('week', timezone(getvariable('reporting_zone'), timezone('UTC', moment))) AS DATE);

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

-- Every event with who did it (`actor`) and whose ticket it was at that moment (`assignee`), both NULL when not an engineer.
-- The ticket's present assignee tells nothing about the past, so it is asked last: it holds only if no change is known.
CREATE TEMP TABLE ticket_events AS
WITH changes_of_tickets AS (
    SELECT
        event.id, event.ticket_id, event."at" AS happened_at, event.kind,
        coalesce(CAST(old_agent.main_id AS VARCHAR), event.old) AS old,
        coalesce(CAST(new_agent.main_id AS VARCHAR), event.new) AS new,
        event.created,
        coalesce(actor.main_id, event.actor_id) AS actor_id
    FROM stored_ticket_events AS event
    LEFT JOIN agents_of AS actor ON actor.zendesk_id = event.actor_id
    LEFT JOIN agents_of AS old_agent ON event.kind = 'assignee' AND old_agent.zendesk_id = try_cast(event.old AS BIGINT)
    LEFT JOIN agents_of AS new_agent ON event.kind = 'assignee' AND new_agent.zendesk_id = try_cast(event.new AS BIGINT)
),
changes AS (
    SELECT id, ticket_id, happened_at AS moment, try_cast(old AS BIGINT) AS old_id, try_cast(new AS BIGINT) AS new_id
    FROM changes_of_tickets
    WHERE kind = 'assignee'
),
latest AS (SELECT DISTINCT ON (ticket_id, moment) * FROM changes ORDER BY ticket_id, moment, id DESC),
earliest AS (SELECT DISTINCT ON (ticket_id, moment) * FROM changes ORDER BY ticket_id, moment, id),
events AS (
    SELECT
        event.*,
        CASE
            WHEN latest.id IS NOT NULL THEN latest.new_id
            WHEN earliest.id IS NOT NULL THEN earliest.old_id
            ELSE ticket.assignee_id
        END AS assignee_id,
        coalesce(ticket.url, '') AS url
    FROM changes_of_tickets AS event
    ASOF LEFT JOIN latest ON latest.ticket_id = event.ticket_id AND latest.moment <= event.happened_at
    ASOF LEFT JOIN earliest ON earliest.ticket_id = event.ticket_id AND earliest.moment > event.happened_at
    LEFT JOIN tickets AS ticket ON ticket.id = event.ticket_id
)
SELECT events.*, actor.username AS actor, assignee.username AS assignee
FROM events
LEFT JOIN people AS actor ON actor.zendesk_id = events.actor_id
LEFT JOIN people AS assignee ON assignee.zendesk_id = events.assignee_id;
