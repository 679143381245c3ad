-- What a measure selects from, beside `people (username, zendesk_id, name)`. Usernames of engineers are spelt as in the team file.

-- The Monday of the reporting week that a moment falls in, in the zone the team's weeks are counted in.
CREATE TEMP MACRO reporting_week(moment) AS
    CAST(date_trunc('week', timezone(getvariable('reporting_zone'), timezone('UTC', moment))) AS DATE);

CREATE TEMP VIEW merge_requests AS
SELECT
    merged.* REPLACE (coalesce(people.username, merged.author) AS author),
    coalesce(nullif(merged.title, ''), merged.project || '!' || merged.iid) AS caption
FROM stored_merge_requests AS merged
LEFT JOIN people ON lower(people.username) = lower(merged.author);

CREATE TEMP VIEW work_items AS
SELECT
    item.* REPLACE (coalesce(people.username, item.author) AS author, list_sort(list_distinct(item.assignees)) AS assignees),
    coalesce(nullif(item.title, ''), item.project || '#' || item.iid) AS caption
FROM stored_work_items AS item
LEFT JOIN people ON lower(people.username) = lower(item.author);

-- One row per work item and engineer assigned to it; `others` names the other assignees.
CREATE TEMP VIEW assigned_work_items AS
SELECT
    item.* EXCLUDE (assignee),
    people.username AS assignee,
    array_to_string(list_filter(item.assignees, lambda other: other <> item.assignee), ', ') AS others
FROM (SELECT *, unnest(assignees) AS assignee FROM work_items) AS item
JOIN people ON lower(people.username) = lower(item.assignee);

CREATE TEMP VIEW tickets AS
SELECT ticket.*, people.username AS assignee
FROM stored_tickets AS ticket
LEFT JOIN people ON people.zendesk_id = ticket.assignee_id;

-- Every event with who did it (`actor`) and whose ticket it was at that moment (`assignee`), both NULL when not an engineer.
-- The ticket's present assignee tells nothing about the past, so it is asked last: it holds only if no change is known.
CREATE TEMP TABLE ticket_events AS
WITH changes AS (
    SELECT id, ticket_id, "at" AS moment, try_cast(old AS BIGINT) AS old_id, try_cast(new AS BIGINT) AS new_id
    FROM stored_ticket_events
    WHERE kind = 'assignee'
),
latest AS (SELECT DISTINCT ON (ticket_id, moment) * FROM changes ORDER BY ticket_id, moment, id DESC),
earliest AS (SELECT DISTINCT ON (ticket_id, moment) * FROM changes ORDER BY ticket_id, moment, id),
events AS (
    SELECT
        event.id, event.ticket_id, event."at" AS happened_at, event.kind, event.old, event.new, event.created, event.actor_id,
        CASE
            WHEN latest.id IS NOT NULL THEN latest.new_id
            WHEN earliest.id IS NOT NULL THEN earliest.old_id
            ELSE ticket.assignee_id
        END AS assignee_id,
        coalesce(ticket.url, '') AS url
    FROM stored_ticket_events AS event
    ASOF LEFT JOIN latest ON latest.ticket_id = event.ticket_id AND latest.moment <= event."at"
    ASOF LEFT JOIN earliest ON earliest.ticket_id = event.ticket_id AND earliest.moment > event."at"
    LEFT JOIN stored_tickets AS ticket ON ticket.id = event.ticket_id
)
SELECT events.*, actor.username AS actor, assignee.username AS assignee
FROM events
LEFT JOIN people AS actor ON actor.zendesk_id = events.actor_id
LEFT JOIN people AS assignee ON assignee.zendesk_id = events.assignee_id;
