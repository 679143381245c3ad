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
        promise.ticket_id, promise.id, promise.promised_at,
        try_cast(promise.promised AS DATE) AS due_on,
        utc_of(getvariable('reporting_zone'), CAST(due_on + 1 AS TIMESTAMP)) AS due_until,
        lead(promise.promised_at) OVER (PARTITION BY promise.ticket_id ORDER BY promise.promised_at, promise.id) AS replaced_at
    FROM next_updates AS promise
    ANTI JOIN merged_tickets ON merged_tickets.ticket_id = promise.ticket_id
),
due AS (
    SELECT *, coalesce(replaced_at < due_until, false) AS is_replaced
    FROM promises
    WHERE due_until > promised_at
),
answers AS (
    SELECT
        due.ticket_id, due.id, min(comments.happened_at) AS answered_at,
        arg_min(comments.assignee_id, (comments.happened_at, comments.id)) AS assignee_id
    FROM due
    JOIN comments
        ON comments.ticket_id = due.ticket_id AND comments.is_public AND comments.by_agent
        AND comments.happened_at > due.promised_at AND comments.happened_at < due.due_until
        AND (NOT due.is_replaced OR comments.happened_at <= due.replaced_at)
    GROUP BY due.ticket_id, due.id
),
done AS (
    SELECT DISTINCT due.ticket_id, due.id
    FROM due
    JOIN ticket_statuses AS status
        ON status.ticket_id = due.ticket_id AND status.status IN ('solved', 'closed', 'deleted')
        AND status.since < due.due_until AND (status.until IS NULL OR status.until >= due.due_until)
),
decided AS (
    SELECT
        due.ticket_id, due.due_on, answers.id IS NOT NULL AS is_kept,
        coalesce(answers.answered_at, due.due_until - INTERVAL 1 MICROSECOND) AS decided_at,
        CASE WHEN answers.id IS NULL THEN holders.assignee_id ELSE answers.assignee_id END AS assignee_id
    FROM due
    LEFT JOIN answers ON answers.ticket_id = due.ticket_id AND answers.id = due.id
    LEFT JOIN done ON done.ticket_id = due.ticket_id AND done.id = due.id
    LEFT JOIN ticket_holders AS holders
        ON holders.ticket_id = due.ticket_id AND holders.since < due.due_until AND holders.until >= due.due_until
    WHERE answers.id IS NOT NULL OR (done.id IS NULL AND NOT due.is_replaced)
)
SELECT
    people.username AS engineer,
    decided.decided_at AS at,
    CASE WHEN decided.is_kept THEN 1 ELSE 0 END AS value,
    ticket_url(decided.ticket_id) AS url,
    concat('ticket ', decided.ticket_id, ', next update promised for ', decided.due_on) AS note
FROM decided
JOIN people ON people.zendesk_id = decided.assignee_id
