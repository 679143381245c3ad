"""The questions in SQL on PostgreSQL, by general models such as packages for dbt have, from the facts that we read."""

import csv
from collections import defaultdict
from pathlib import Path

import duckdb

from reports.core.people import Team
from scripts.benchmarks.pandas_measures import Answer
from scripts.benchmarks.postgres_server import Server
from scripts.benchmarks.ticket_history import REQUESTER, History

_SQL = Path(__file__).parent / "postgres"
_MARK = "-- name: "

#: Tables of PostgreSQL, with what fills them from the store's facts; minutes of a schedule begin on Sunday.
_ROWS = {
    "ticket": "SELECT id, created_at, status, assignee_id FROM tickets",
    "ticket_field_history": """
        SELECT id, ticket_id,
            CASE kind WHEN 'assignee' THEN 'assignee_id' WHEN 'form' THEN 'ticket_form_id' WHEN 'tag' THEN 'tags' ELSE kind END,
            "at", new, actor_id
        FROM ticket_events WHERE kind <> 'comment'
        UNION ALL
        SELECT id, ticket_id, if(instance = 1, 'first_reply_time', 'next_reply_time'), "at",
            CAST(json_object('minutes', target_seconds // 60, 'in_business_hours', in_business_hours) AS VARCHAR), NULL
        FROM ticket_metric_events WHERE kind = 'apply_sla'
        ORDER BY "at" """,
    "ticket_comment": """
        SELECT id, ticket_id, "at", new = 'public', actor_id
        FROM ticket_events WHERE kind = 'comment'
        ORDER BY "at" """,
    "schedule": "SELECT schedule_id, time_zone, unnest(opens), unnest(closes) FROM business_hours",
}
_FACTS = ("tickets", "ticket_events", "ticket_metric_events", "business_hours")


def questions() -> dict[str, str]:
    """The measures that are asked for, with the query that gives their cases."""
    parts = (_SQL / "answers.sql").read_text(encoding="utf-8").split(_MARK)[1:]
    named = (part.partition("\n") for part in parts)
    return {name.strip(): query.strip() for name, _, query in named}


def load(server: Server, store: Path, history: History, team: Team) -> None:
    """Fill a server with a store's facts and the team, with indexes, all ready to be asked."""
    server.run(_script("tables"), {"zone": history.zone})
    rows = server.folder / "rows.csv"
    with duckdb.connect() as connection:
        for fact in _FACTS:
            connection.execute(f"CREATE VIEW {fact} AS FROM read_parquet('{store}/facts/{fact}/*/*.parquet')")
        for table, query in _ROWS.items():
            connection.execute(f"COPY ({query}) TO '{rows}' (FORMAT csv, HEADER false)")
            server.run(f"COPY {table} FROM STDIN (FORMAT csv)", rows=rows)
    agents = [(one.zendesk_id, "agent", one.username) for one in team.engineers]
    with rows.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([*agents, (REQUESTER, "end-user", "")])
    server.run("COPY users FROM STDIN (FORMAT csv)", rows=rows)
    rows.unlink()
    server.run(_script("indexes"))


def asked(server: Server, history: History) -> str:
    """Make the models and ask all questions of them: lines of question, engineer, day, cases and sum of values."""
    script = "\n".join([_script("models"), *(_counted(name, query) for name, query in questions().items())])
    return server.run(script, {"last_day": history.until.last_day.isoformat()})


def answers(lines: str) -> dict[str, Answer]:
    """What was asked, as our measures are compared with it."""
    found: defaultdict[str, dict[tuple[str, str], tuple[int, float]]] = defaultdict(dict)
    for name, engineer, day, cases, total in csv.reader(lines.splitlines()):
        found[name][engineer, day] = (int(cases), float(total))
    return dict(found)


def _counted(name: str, query: str) -> str:
    """The cases of a question by engineer and day."""
    return f"""
        COPY (
            SELECT '{name}', users.name, local_day(cases.at), count(*), sum(cases.value)
            FROM ({query}) AS cases
            JOIN users ON users.id = cases.agent_id AND users.role = 'agent'
            GROUP BY 2, 3
        ) TO STDOUT (FORMAT csv);"""


def _script(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
