-- name: next_updates_kept
-- title: Next updates kept
-- unit: promises
-- kind: ratio
-- direction: more
-- privacy: P3
-- streams: zendesk.ticket_events, zendesk.tickets, zendesk.agents
-- source: Zendesk: ticket events, the field with the day of the next update, and comments
-- definition: Of the days promised for the next update of a ticket, the share on or before which a person answered the
--   requester in public, after the promise was made; the day ends at midnight in the team's zone. Credited to whose
--   ticket it was when it was decided: at the answer, whoever wrote it, or at the end of the day without one. A day that
--   was changed or taken back before it passed counts only if an answer came until then; what is changed after it passed
--   stays as it was. A ticket solved or closed by then without an answer, a merged one, and a day that had passed when it
--   was written are no cases. An answer in the update that makes the promise is not the one that was promised.
WITH promises AS (
    SELECT
        ticket_id, id, url, happened_at AS promised_at,
        try_cast(new AS DATE) AS due_on,
        lead(happened_at) OVER (PARTITION BY ticket_id ORDER BY happened_at, id) AS replaced_at
    FROM ticket_events
    WHERE kind = 'next_update' AND ticket_id NOT IN (SELECT ticket_id FROM merged_tickets)
),
due AS (
    SELECT
        *,
        utc_of(getvariable('reporting_zone'), CAST(due_on + 1 AS TIMESTAMP)) AS due_until,
        coalesce(replaced_at < due_until, false) AS is_replaced
    FROM promises
    WHERE due_on IS NOT NULL AND due_until > promised_at
),
answers AS (
    SELECT due.ticket_id, due.id, min(comments.happened_at) AS answered_at, arg_min(comments.assignee, (comments.happened_at, comments.id)) AS assignee
    FROM due
    JOIN comments
        ON comments.ticket_id = due.ticket_id AND comments.is_public AND comments.by_agent
        AND comments.happened_at > due.promised_at AND comments.happened_at < due.due_until
        AND (NOT due.is_replaced OR comments.happened_at <= due.replaced_at)
    GROUP BY due.ticket_id, due.id
),
solves AS (
    SELECT DISTINCT due.ticket_id, due.id
    FROM due
    JOIN ticket_statuses AS done
        ON done.ticket_id = due.ticket_id AND done.status IN ('solved', 'closed', 'deleted')
        AND done.since < due.due_until AND (done.until IS NULL OR done.until >= due.due_until)
)
SELECT
    CASE WHEN answers.id IS NULL THEN ticket_assignees.assignee ELSE answers.assignee END AS engineer,
    coalesce(answers.answered_at, due.due_until - INTERVAL 1 MICROSECOND) AS at,
    CASE WHEN answers.id IS NULL THEN 0 ELSE 1 END AS value,
    due.url,
    concat('ticket ', due.ticket_id, ', next update promised for ', due.due_on) AS note
FROM due
LEFT JOIN answers ON answers.ticket_id = due.ticket_id AND answers.id = due.id
LEFT JOIN solves ON solves.ticket_id = due.ticket_id AND solves.id = due.id
LEFT JOIN ticket_assignees
    ON ticket_assignees.ticket_id = due.ticket_id
    AND ticket_assignees.since < due.due_until AND ticket_assignees.until >= due.due_until
WHERE answers.id IS NOT NULL OR (solves.id IS NULL AND NOT due.is_replaced)
