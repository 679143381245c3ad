"""Fills a store's folder with ticket histories of a large organisation, by DuckDB alone: the same rows for the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from reports.adapters.compaction import PARQUET
from reports.core.facts import (
    TABLES,
    Agent,
    BusinessHours,
    Fact,
    FactTable,
    MergeRequest,
    SatisfactionRating,
    Ticket,
    TicketEvent,
    TicketMetricEvent,
    WorkItem,
)
from reports.core.people import Engineer, Focus, Manager, Team
from reports.core.weeks import Week

#: How many ticket events a ticket has on average.
EVENTS_PER_TICKET = 14.3

LAST_WEEK = Week(2026, 46)
_FIRST_AGENT = 1_000
#: Who asks, in all tickets.
REQUESTER = 9

#: Every draw is a hash of the ticket and a name, so that neither threads nor the order of rows change anything.
_DRAWS = """
CREATE MACRO draw(ticket, name) AS (hash(ticket * 7919 + {seed}, name) % 1000003) / 1000003.0;
CREATE MACRO hours(ticket, name, mean) AS to_milliseconds(CAST(-ln(1 - 0.999 * draw(ticket, name)) * mean * 3600000 AS BIGINT));
CREATE MACRO update_id(ticket, moment) AS (epoch_ms(moment) - epoch_ms(TIMESTAMP '{start}')) * 1000000 + ticket % 1000000;
CREATE MACRO agent(ticket, name) AS CAST({first_agent} + floor(draw(ticket, name) * {engineers}) AS BIGINT);
"""

_TICKETS = """
CREATE TABLE drawn AS
SELECT
    id, created_at, agent(id, 'first') AS first_agent, agent(id, 'second') AS second_agent,
    created_at + INTERVAL 1 SECOND + hours(id, 'triage', 2) AS taken_at,
    ['low', 'normal', 'high', 'urgent'][1 + CAST(floor(draw(id, 'priority') * 4) AS INTEGER)] AS priority,
    ['saas', 'self_managed', 'license'][1 + CAST(floor(draw(id, 'form') * 3) AS INTEGER)] AS form,
    CAST(1 + floor(draw(id, 'rounds') * 3) AS INTEGER) AS rounds,
    draw(id, 'reassigned') < 0.2 AS is_reassigned, draw(id, 'held') < 0.1 AS is_held, draw(id, 'solved') < 0.95 AS is_solved,
    draw(id, 'reopened') < 0.08 AS is_reopened, draw(id, 'escalated') < 0.03 AS is_escalated
FROM (
    SELECT
        1000000 + n AS id,
        '{start}'::TIMESTAMP + to_milliseconds(CAST(draw(n, 'created') * {days} * 86400000 AS BIGINT)) AS created_at
    FROM range({tickets}) AS numbers(n)
);
CREATE TABLE rounds AS
SELECT
    drawn.*, n, taken_at + n * INTERVAL 20 HOUR + hours(id * 10 + n, 'reply', 2.8) AS replied_at,
    taken_at + n * INTERVAL 20 HOUR + INTERVAL 12 HOUR + hours(id * 10 + n, 'answer', 3) AS answered_at,
    CASE WHEN draw(id * 10 + n, 'colleague') < 0.3 THEN agent(id * 10 + n, 'whose')
         WHEN is_reassigned AND n > 0 THEN second_agent ELSE first_agent END AS replier
FROM drawn, range(drawn.rounds) AS numbers(n);
CREATE TABLE solves AS
SELECT *, taken_at + rounds * INTERVAL 20 HOUR + hours(id, 'solve', 6) AS solved_at,
    CASE WHEN draw(id, 'solver') < 0.8 THEN if(is_reassigned, second_agent, first_agent) END AS solver
FROM drawn WHERE is_solved;
"""

#: Ids rise with time, as those of Zendesk do, and within an update in the order in which things were done.
_EVENTS = """
CREATE VIEW events AS
SELECT
    update_id(id, moment) * 100 + step AS id, id AS ticket_id, moment AS "at", actor AS actor_id, kind, old, new,
    step = 0 AS created
FROM (
    SELECT id, 0 AS step, created_at AS moment, {requester}::BIGINT AS actor, 'status' AS kind, NULL AS old, 'new' AS new
    FROM drawn
    UNION ALL SELECT id, 0, created_at, {requester}, 'priority', NULL, priority FROM drawn
    UNION ALL SELECT id, 0, created_at, {requester}, 'form', NULL, form FROM drawn
    UNION ALL SELECT id, 0, created_at, {requester}, 'comment', NULL, 'public' FROM drawn
    UNION ALL SELECT id, 1, taken_at, first_agent, 'assignee', NULL, CAST(first_agent AS VARCHAR) FROM drawn
    UNION ALL SELECT id, 1, taken_at, first_agent, 'status', 'new', 'open' FROM drawn
    UNION ALL SELECT id, 2, taken_at + INTERVAL 15 HOUR, second_agent, 'assignee', CAST(first_agent AS VARCHAR),
        CAST(second_agent AS VARCHAR) FROM drawn WHERE is_reassigned
    UNION ALL SELECT id, 3, taken_at + INTERVAL 1 HOUR, first_agent, 'status', 'open', 'hold' FROM drawn WHERE is_held
    UNION ALL SELECT id, 4, taken_at + INTERVAL 9 HOUR, NULL, 'status', 'hold', 'open' FROM drawn WHERE is_held
    UNION ALL SELECT id, 5, taken_at + INTERVAL 2 HOUR, first_agent, 'tag', NULL, 'escalated' FROM drawn WHERE is_escalated
    UNION ALL SELECT id, 10 + n, replied_at, replier, 'comment', NULL, 'public' FROM rounds
    UNION ALL SELECT id, 10 + n, replied_at, replier, 'status', 'open', 'pending' FROM rounds
    UNION ALL SELECT id, 30 + n, answered_at, {requester}, 'comment', NULL, 'public' FROM rounds WHERE n > 0
    UNION ALL SELECT id, 50 + n, replied_at - INTERVAL 10 MINUTE, replier, 'comment', NULL, 'internal' FROM rounds WHERE n = 0
    UNION ALL SELECT id, 80, solved_at, solver, 'status', 'pending', 'solved' FROM solves
    UNION ALL SELECT id, 81, solved_at + INTERVAL 1 DAY, {requester}, 'status', 'solved', 'open' FROM solves WHERE is_reopened
    UNION ALL SELECT id, 82, solved_at + INTERVAL 2 DAY, solver, 'status', 'open', 'solved' FROM solves WHERE is_reopened
    UNION ALL SELECT id, 83, solved_at + INTERVAL 6 DAY, NULL, 'status', 'solved', 'closed' FROM solves
) WHERE moment < '{end}'::TIMESTAMP;
"""

#: Targets run by the calendar, and of tickets about licenses in business hours: a breach is when the open time since the
#: beginning reaches the target.
_METRIC_EVENTS = """
CREATE TABLE open_days AS
SELECT opens_at, 28800 * (row_number() OVER (ORDER BY opens_at) - 1) AS open_before
FROM (
    SELECT timezone('UTC', timezone('{zone}', day + INTERVAL 9 HOUR)) AS opens_at
    FROM range('{start}'::DATE - INTERVAL 7 DAY, '{end}'::DATE + INTERVAL 60 DAY, INTERVAL 1 DAY) AS days(day)
    WHERE isodow(day) <= 5
);
CREATE TABLE turns AS
SELECT
    drawn.*, form = 'license' AS in_business_hours,
    open_before + least(epoch(began - opens_at), 28800) + target AS used_up
FROM (
    SELECT id AS ticket_id, n + 1 AS instance, form, replied_at,
        CASE WHEN n = 0 THEN created_at ELSE replied_at - INTERVAL 6 HOUR - hours(id * 10 + n, 'asked', 3) END AS began,
        CASE priority WHEN 'urgent' THEN 1800 WHEN 'high' THEN 14400 ELSE 28800 END AS target
    FROM rounds
) AS drawn
ASOF JOIN open_days ON open_days.opens_at <= drawn.began;
CREATE TABLE due_turns AS
SELECT
    turns.*,
    CASE WHEN in_business_hours THEN opens_at + to_milliseconds(CAST(round((used_up - open_before) * 1000) AS BIGINT))
         ELSE began + to_seconds(target) END AS due_at
FROM turns
JOIN open_days ON open_days.open_before = 28800 * (ceil(used_up / 28800) - 1);
CREATE VIEW metric_events AS
SELECT
    update_id(ticket_id, moment) * 16 + instance * 4 + step AS id, ticket_id, moment AS "at",
    'reply_time' AS metric, instance, kind,
    if(kind = 'apply_sla', 77, NULL)::BIGINT AS policy_id, if(kind = 'apply_sla', target, NULL)::BIGINT AS target_seconds,
    if(kind = 'apply_sla', in_business_hours, NULL) AS in_business_hours, false AS is_deleted
FROM (
    SELECT *, unnest([
        {{'step': 0, 'kind': 'activate', 'moment': began}},
        {{'step': 1, 'kind': 'apply_sla', 'moment': began}},
        {{'step': 2, 'kind': 'fulfill', 'moment': replied_at}},
        {{'step': 3, 'kind': 'breach', 'moment': if(replied_at > due_at, due_at, NULL)}}
    ], recursive := true)
    FROM due_turns
) WHERE moment < '{end}'::TIMESTAMP;
"""

_STATES = """
CREATE VIEW tickets AS
SELECT
    drawn.id, '{zendesk_url}/agent/tickets/' || drawn.id AS url,
    CASE WHEN solved_at >= '{end}'::TIMESTAMP OR solved_at IS NULL THEN 'open' ELSE 'solved' END AS status, drawn.priority,
    drawn.form AS ticket_form,
    CASE WHEN drawn.is_reassigned AND drawn.taken_at + INTERVAL 15 HOUR < '{end}'::TIMESTAMP THEN drawn.second_agent
         WHEN drawn.taken_at < '{end}'::TIMESTAMP THEN drawn.first_agent END AS assignee_id,
    if(drawn.is_escalated, ['escalated'], []) AS tags, drawn.created_at, solved_at, '{end}'::TIMESTAMP AS seen_at,
    500::BIGINT AS group_id, NULL::BIGINT AS custom_status_id, true AS has_organization, false AS by_ai_agent,
    if(drawn.is_reopened, 1, 0)::BIGINT AS reopens, 60::BIGINT AS reply_minutes, 60::BIGINT AS reply_business_minutes,
    600::BIGINT AS waiting_minutes, 600::BIGINT AS pending_minutes, if(drawn.is_held, 480, 0)::BIGINT AS on_hold_minutes
FROM drawn LEFT JOIN solves USING (id);
CREATE VIEW ratings AS
SELECT 'r' || id AS id, id AS ticket_id, solved_at + INTERVAL 5 HOUR AS "at",
    if(draw(id, 'good') < 0.93, 'good', 'bad') AS score, if(is_reassigned, second_agent, first_agent) AS assignee_id
FROM solves WHERE draw(id, 'rated') < 0.1 AND solved_at < '{end}'::TIMESTAMP - INTERVAL 5 HOUR;
CREATE VIEW merge_requests AS
SELECT 'gid://mr/' || n AS id, 'product' AS area, 'acme/product' AS project, n AS iid,
    'engineer' || CAST(floor(draw(n, 'author') * {engineers}) AS INTEGER) AS author, 'Change ' || n AS title,
    '{gitlab_url}/acme/product/-/merge_requests/' || n AS url,
    if(draw(n, 'docs') < 0.6, ['documentation', 'Support Team Contributions'], ['Support Team Contributions']) AS labels,
    '{start}'::TIMESTAMP + to_milliseconds(CAST(draw(n, 'merged') * {days} * 86400000 AS BIGINT)) AS merged_at
FROM range({engineers} * {days} // 20) AS numbers(n);
CREATE VIEW work_items AS
SELECT 'gid://item/' || n AS id, 'pairing' AS area, 'acme/pairing' AS project, n AS iid, 'pairing-bot' AS author,
    ['engineer' || CAST(floor(draw(n, who) * {engineers}) AS INTEGER) FOR who IN ['one', 'other']] AS assignees,
    'Pairing ' || n AS title, '{gitlab_url}/acme/pairing/-/issues/' || n AS url, []::VARCHAR[] AS labels,
    '{start}'::TIMESTAMP + to_milliseconds(CAST(draw(n, 'opened') * {days} * 86400000 AS BIGINT)) AS created_at,
    NULL::TIMESTAMP AS closed_at, '' AS closed_by, 0::BIGINT AS tasks, 0::BIGINT AS tasks_done
FROM range({engineers} * {days} // 7) AS numbers(n);
CREATE VIEW agents AS
SELECT {first_agent} + n AS id, 'agent' AS role, true AS is_active, false AS is_bot, '{end}'::TIMESTAMP AS seen_at
FROM range({engineers}) AS numbers(n);
CREATE VIEW business_hours AS
SELECT 1::BIGINT AS schedule_id, '{start}'::TIMESTAMP - INTERVAL 400 DAY AS valid_from, true AS is_default,
    '{zone}' AS time_zone, [1440::BIGINT * day + 540 FOR day IN range(1, 6)] AS opens,
    [1440::BIGINT * day + 1020 FOR day IN range(1, 6)] AS closes, []::VARCHAR[] AS holidays;
"""

#: What the views above hold, and the stream that brings it.
_STREAMS: Mapping[str, tuple[type[Fact], str]] = {
    "events": (TicketEvent, "zendesk.ticket_events"),
    "metric_events": (TicketMetricEvent, "zendesk.metric_events"),
    "tickets": (Ticket, "zendesk.tickets"),
    "ratings": (SatisfactionRating, "zendesk.satisfaction"),
    "merge_requests": (MergeRequest, "gitlab.merge_requests"),
    "work_items": (WorkItem, "gitlab.pairing"),
    "agents": (Agent, "zendesk.agents"),
    "business_hours": (BusinessHours, "zendesk.schedules"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How large the organisation is: so many ticket events, within so many weeks up to one, by so many engineers."""

    events: int
    engineers: int = 1000
    weeks: int = 13
    until: Week = LAST_WEEK
    seed: int = 20261116
    zone: str = "Europe/Amsterdam"
    zendesk_url: str = "https://acme.zendesk.example.com"
    gitlab_url: str = "https://gitlab.example.com"

    @property
    def first_day(self) -> date:
        """The Monday it begins on."""
        return self.until.plus(1 - self.weeks).first_day

    def team(self, members: int = 10, teams_of_a_region: int = 20) -> Team:
        """Its people: teams of so many, so many teams in a region."""
        managers = tuple(_manager(number) for number in range(-(-self.engineers // members)))
        engineers = (
            _engineer(n, managers[n // members].username, n // members // teams_of_a_region) for n in range(self.engineers)
        )
        return Team(name="Acme Support", time_zone=self.zone, engineers=tuple(engineers), managers=managers)

    def write(self, store: Path) -> None:
        """Write its facts as a store keeps them after `compact`: a file per week and stream, each row once and in order."""
        end = datetime.combine(self.until.plus(1).first_day, datetime.min.time())
        words = {
            "seed": self.seed,
            "first_agent": _FIRST_AGENT,
            "requester": REQUESTER,
            "engineers": self.engineers,
            "tickets": round(self.events / EVENTS_PER_TICKET),
            "start": datetime.combine(self.first_day, datetime.min.time()) - timedelta(hours=2),
            "end": end,
            "days": 7 * self.weeks,
            "zone": self.zone,
            "zendesk_url": self.zendesk_url,
            "gitlab_url": self.gitlab_url,
        }
        with duckdb.connect(config={"threads": 2, "memory_limit": "4GiB"}) as connection:
            for text in (_DRAWS, _TICKETS, _EVENTS, _METRIC_EVENTS, _STATES):
                connection.execute(text.format_map(words))
            for view, (kind, stream) in _STREAMS.items():
                _write_table(connection, view, TABLES[kind], store / "facts", stream)


def _write_table(connection: duckdb.DuckDBPyConnection, view: str, table: FactTable, facts: Path, stream: str) -> None:
    week = f"strftime(\"{table.week_of}\", '%G-W%V')" if table.week_of else "'all'"
    order = ", ".join(f'"{column}"' for column in table.order)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE rows AS SELECT *, 1::BIGINT AS sequence, {week} AS week FROM {view}")
    for (name,) in connection.execute("SELECT DISTINCT week FROM rows ORDER BY week").fetchall():
        target = facts / table.name / f"week={name}" / f"{stream}.parquet"
        target.parent.mkdir(parents=True)
        rows = f"SELECT * EXCLUDE (week) FROM rows WHERE week = '{name}' ORDER BY {order}"
        connection.execute(f"COPY ({rows}) TO '{target}' ({PARQUET})")
    connection.execute("DROP TABLE rows")


def _engineer(number: int, manager: str, region: int) -> Engineer:
    return Engineer(
        username=f"engineer{number}",
        name=f"Engineer {number}",
        email=f"engineer{number}@example.com",
        zendesk_id=_FIRST_AGENT + number,
        level="intermediate",
        region=("AMER", "APAC", "EMEA", "LATAM", "MEA")[region],
        focuses=(Focus(name="saas", percentage=100),),
        reports_to=manager,
        start_date=date(2024, 1, 1),
        time_zone="Europe/Amsterdam",
    )


def _manager(number: int) -> Manager:
    username = f"manager{number}"
    return Manager(
        username=username, name=f"Manager {number}", email=f"{username}@example.com", region="EMEA", time_zone="Europe/Amsterdam"
    )
