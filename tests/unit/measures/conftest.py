from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from reports.adapters.parquet_store import ParquetStore
from reports.core.facts import Fact
from reports.core.measurements import Tallies
from reports.core.model import Evidence
from reports.core.people import Engineer, Team
from reports.core.weeks import Window
from reports.measures.engine import DuckdbMeasures, MeasureSettings
from reports.ports import Page

YEAR = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def engineer(username: str, zendesk_id: int | None, **accounts: Any) -> Engineer:
    return Engineer(
        username=username,
        name=username.title(),
        email=f"{username}@example.com",
        zendesk_id=zendesk_id,
        level="intermediate",
        region="EMEA",
        focuses=(),
        reports_to="boss",
        start_date=date(2024, 1, 1),
        time_zone="Europe/Lisbon",
        **accounts,
    )


BOT_BY_SETTING = 71

#: Ada is 1 in Zendesk, Bo is 2, and was 22 and `bo-old` before; Cy has no Zendesk id.
TEAM = Team(
    name="Support",
    time_zone="Europe/Lisbon",
    engineers=(
        engineer("ada", 1, pagerduty_id="PADA"),
        engineer("bo", 2, other_zendesk_ids=(22,), other_usernames=("Bo-Old",)),
        engineer("cy", None),
    ),
    managers=(),
)


SETTINGS = MeasureSettings(bots=(BOT_BY_SETTING,), escalation_tags=("escalated", "star"))


@dataclass(frozen=True)
class Measured:
    """A store in a folder and what the measures find in it."""

    store: Path
    settings: MeasureSettings = SETTINGS

    def put(self, *facts: Fact) -> None:
        store = ParquetStore(self.store)
        store.commit(Page(stream="test.stream", facts=facts, cursor="1", until=None))
        store.compact()

    def evidence(self, window: Window = YEAR, more_measures: Sequence[Path] = ()) -> tuple[Evidence, ...]:
        with DuckdbMeasures(self.store, more_measures, self.settings).measuring(TEAM, window) as measuring:
            return measuring.evidence()

    def tallies(self, window: Window = YEAR, more_measures: Sequence[Path] = ()) -> Tallies:
        with DuckdbMeasures(self.store, more_measures, self.settings).measuring(TEAM, window) as measuring:
            return measuring.tallies()

    def of(self, measure: str, window: Window = YEAR) -> list[Evidence]:
        return [row for row in self.evidence(window) if row.measure == measure]

    def credits(self, measure: str, window: Window = YEAR) -> list[tuple[str, str]]:
        return [(row.engineer, row.note) for row in self.of(measure, window)]


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    return Measured(tmp_path / "store")


@pytest.fixture
def measure_file(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a further measure's file and returns the folder to hand to the engine."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / "more" / "family" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path / "more"

    return write
