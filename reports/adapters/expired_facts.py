"""Removes the facts of weeks that are over: by the moment of an event, and what goes on by when it last changed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from reports.adapters.compaction import declared_columns, literal, literals
from reports.adapters.durable_files import rename_durably
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


class ExpiredFacts:
    """The Parquet files below a folder of facts, all of whose pages are merged; raises duckdb.Error or OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        options: dict[str, str | bool | int | float | list[str]] = {"threads": 1, "autoinstall_known_extensions": False}
        self._connection = duckdb.connect(config=options | {"autoload_known_extensions": False})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def remove(self, before: datetime) -> int:
        """Remove what is over before an instant; how many rows.

        A file is replaced whole or not at all, so what a crash leaves undone is done by doing it again.
        """
        moment = before.astimezone(UTC).replace(tzinfo=None)
        for name, since in {"before": moment, "changed_since": moment - LOOK_BACK}.items():
            self._connection.execute(f"SET VARIABLE {name} = $since::TIMESTAMP", {"since": since})
        for kind in TABLES:
            self._look_at(kind)
        for statement in _KEPT.strip().split(";\n"):
            self._connection.execute(statement)
        return sum(self._remove_from_table(kind) for kind in STAYS)

    def _files(self, kind: type[Fact]) -> list[Path]:
        return sorted((self._folder / TABLES[kind].name).glob("*/*.parquet"))

    def _look_at(self, kind: type[Fact]) -> None:
        """Each table as it lies in its files, read when somebody asks; one that has none has no rows."""
        files, name = self._files(kind), TABLES[kind].name
        if files:
            rows = f"read_parquet([{literals(files)}], hive_partitioning = false, union_by_name = true)"
            self._connection.execute(f"CREATE TEMP VIEW {name} AS FROM {rows}")
        else:
            self._connection.execute(f"CREATE TEMP TABLE {name} ({declared_columns(kind)})")

    def _remove_from_table(self, kind: type[Fact]) -> int:
        if STAYS[kind] == _IN_THE_PRESENT_LIST:
            self._connection.execute(f"SET VARIABLE present = (SELECT max(seen_at) FROM {TABLES[kind].name})")
        return sum(self._remove(path, STAYS[kind]) for path in self._files(kind))

    def _remove(self, path: Path, stays: str) -> int:
        rows = f"read_parquet({literal(path)}, hive_partitioning = false)"
        counted = self._connection.execute(f"SELECT count(*), count(*) FILTER ({stays}) FROM {rows}").fetchone()
        before, after = counted or (0, 0)
        if after == 0:
            path.unlink()
        elif after < before:
            draft = path.with_suffix(".draft")
            copied = f"SELECT * FROM {rows} WHERE {stays}"
            self._connection.execute(f"COPY ({copied}) TO {literal(draft)} (FORMAT parquet, COMPRESSION zstd)")
            rename_durably(draft, path)
        return int(before - after)
