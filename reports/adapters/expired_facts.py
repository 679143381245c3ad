"""Removes the facts of weeks that are over: by the moment of an event, and what goes on by when it last changed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from reports.adapters.compaction import PARQUET, declared_columns, literal, literals
from reports.adapters.durable_files import rename_durably
from reports.adapters.private_database import private_database
from reports.core.facts import (
    TABLES,
    Agent,
    AgentGroup,
    AgentGroupMembership,
    CustomStatus,
    Fact,
    MergeRequest,
    OnCallPage,
    SatisfactionRating,
    SlaTarget,
    Ticket,
    TicketEvent,
    TicketMetricEvent,
    UserEvent,
    WorkItem,
    WorkItemEvent,
)

_IN_THE_PRESENT_LIST = "seen_at >= getvariable('before') OR seen_at >= getvariable('present')"
_SINCE = """"at" >= getvariable('before')"""

#: What stays of each kind. A ticket that is not closed, and an issue that is open, stays whole: its age is counted.
STAYS: Mapping[type[Fact], str] = {
    MergeRequest: "merged_at >= getvariable('before')",
    WorkItem: "id IN (FROM kept_items)",
    WorkItemEvent: f"{_SINCE} OR item IN (FROM kept_items)",
    UserEvent: _SINCE,
    Ticket: "id IN (FROM kept_tickets)",
    TicketEvent: f"{_SINCE} OR ticket_id IN (FROM kept_tickets)",
    TicketMetricEvent: f"{_SINCE} OR ticket_id IN (FROM kept_tickets)",
    SatisfactionRating: _SINCE,
    OnCallPage: _SINCE,
    Agent: _IN_THE_PRESENT_LIST,
    AgentGroup: _IN_THE_PRESENT_LIST,
    AgentGroupMembership: _IN_THE_PRESENT_LIST,
    CustomStatus: _IN_THE_PRESENT_LIST,
    SlaTarget: _IN_THE_PRESENT_LIST,
}

#: What a measure says of a day may rest on the week before it: a ticket counts as not reopened seven days after its solve.
LOOK_BACK = timedelta(days=7)

_KEPT = """
CREATE TEMP TABLE kept_tickets AS
SELECT id FROM tickets WHERE status NOT IN ('closed', 'deleted') OR created_at >= getvariable('changed_since')
UNION SELECT ticket_id FROM ticket_events WHERE "at" >= getvariable('changed_since')
UNION SELECT ticket_id FROM ticket_metric_events WHERE "at" >= getvariable('changed_since');
CREATE TEMP TABLE kept_items AS
SELECT id FROM work_items
WHERE closed_at IS NULL OR closed_at >= getvariable('changed_since') OR created_at >= getvariable('changed_since')
UNION SELECT item FROM work_item_events WHERE "at" >= getvariable('changed_since');
"""


def remove_expired(folder: Path, before: datetime) -> int:
    """Remove what is over before an instant from the Parquet files below a folder of facts; how many rows.

    All pages must be merged. A file is replaced whole or not at all, so what a crash leaves undone is done by doing it
    again. Raises duckdb.Error or OSError.
    """
    moment = before.astimezone(UTC).replace(tzinfo=None)
    with private_database() as connection:
        for name, since in {"before": moment, "changed_since": moment - LOOK_BACK}.items():
            connection.execute(f"SET VARIABLE {name} = $since::TIMESTAMP", {"since": since})
        for kind in TABLES:
            _look_at(connection, kind, _files(folder, kind))
        for statement in _KEPT.strip().split(";\n"):
            connection.execute(statement)
        return sum(_remove_from_table(connection, kind, _files(folder, kind)) for kind in STAYS)


def _files(folder: Path, kind: type[Fact]) -> list[Path]:
    return sorted((folder / TABLES[kind].name).glob("*/*.parquet"))


def _look_at(connection: duckdb.DuckDBPyConnection, kind: type[Fact], files: Sequence[Path]) -> None:
    """A table as it lies in its files, read when somebody asks; one that has none has no rows."""
    name = TABLES[kind].name
    if files:
        rows = f"read_parquet([{literals(files)}], hive_partitioning = false, union_by_name = true)"
        connection.execute(f"CREATE TEMP VIEW {name} AS FROM {rows}")
    else:
        connection.execute(f"CREATE TEMP TABLE {name} ({declared_columns(kind)})")


def _remove_from_table(connection: duckdb.DuckDBPyConnection, kind: type[Fact], files: Sequence[Path]) -> int:
    if STAYS[kind] == _IN_THE_PRESENT_LIST:
        connection.execute(f"SET VARIABLE present = (SELECT max(seen_at) FROM {TABLES[kind].name})")
    return sum(_remove(connection, path, STAYS[kind]) for path in files)


def _remove(connection: duckdb.DuckDBPyConnection, path: Path, stays: str) -> int:
    rows = f"read_parquet({literal(path)}, hive_partitioning = false)"
    counted = connection.execute(f"SELECT count(*), count(*) FILTER ({stays}) FROM {rows}").fetchone()
    before, after = counted or (0, 0)
    if after == 0:
        path.unlink()
    elif after < before:
        draft = path.with_suffix(".draft")
        copied = f"SELECT * FROM {rows} WHERE {stays}"
        connection.execute(f"COPY ({copied}) TO {literal(draft)} ({PARQUET})")
        rename_durably(draft, path)
    return int(before - after)
