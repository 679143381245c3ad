from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from reports.core.measurements import Spans, Tallies
from reports.core.model import Aggregation, Coverage, Evidence, Measure, Measurement
from reports.core.people import Engineer
from tests.builders import coverage, days, engineer, evidence, measure
from tests.judging import tallied

WEEK = days("2026-11-09", "2026-11-15")
UTC_ZONE = ZoneInfo("UTC")


def measured(
    *rows: Evidence,
    of: Measure | None = None,
    who: Engineer | None = None,
    reach: Coverage | None = None,
    zone: ZoneInfo = UTC_ZONE,
) -> Measurement:
    chosen, asked = reach or coverage(), of or measure()
    return Spans(tallied(rows, zone, [asked]), {chosen.stream: chosen}, zone).measured(asked, who or engineer(), WEEK)


def test_spans__counts_the_rows_of_the_week() -> None:
    rows = [
        evidence("2026-11-08 23:59"),
        evidence("2026-11-09 00:00"),
        evidence("2026-11-15 23:59"),
        evidence("2026-11-16 00:00"),
    ]

    assert measured(*rows).value == 2


def test_spans__a_week_is_one_of_its_zone() -> None:
    sunday_night = evidence("2026-11-15 23:30")

    assert measured(sunday_night, zone=ZoneInfo("Europe/Berlin")).value == 0


def test_spans__sums_where_the_measure_is_a_sum() -> None:
    rows = [evidence("2026-11-10 10:00", value=2.5), evidence("2026-11-11 10:00", value=4.0)]

    assert measured(*rows, of=measure(kind=Aggregation.SUM)).value == 6.5


def test_spans__counts_nobody_elses_rows_and_no_other_measure() -> None:
    rows = [evidence("2026-11-10 10:00", who="jbeck"), evidence("2026-11-10 10:00", name="solved_tickets")]

    assert measured(*rows).value == 0


@pytest.mark.parametrize(
    ("reach", "missing"),
    [
        (coverage(until="2026-11-15 22:00"), "zendesk.ticket_events was gathered only until 2026-11-15 22:00 UTC"),
        (coverage(since="2026-11-10"), "zendesk.ticket_events was gathered only since 2026-11-10"),
        (coverage(stream="gitlab.issues"), "zendesk.ticket_events was never gathered"),
    ],
)
def test_spans__a_source_that_was_not_read_is_no_data(reach: Coverage, missing: str) -> None:
    assert measured(evidence("2026-11-10 10:00"), reach=reach) == Measurement(value=None, missing=missing)


def test_spans__somebody_without_a_zendesk_id_has_no_ticket_data() -> None:
    unknown = engineer(zendesk_id=None)

    assert measured(who=unknown) == Measurement(value=None, missing="no Zendesk id is known for this person")
    assert measured(who=unknown, of=measure(streams=()), reach=coverage()).value == 0


def test_spans__somebody_the_source_does_not_know_has_no_data_in_any_of_its_streams() -> None:
    docs = measure("docs_updates", streams=("gitlab.issues",))
    known, unknown = coverage("gitlab.issues"), replace(coverage("gitlab.merge_requests"), unknown_people=("iduarte",))
    reach = {"gitlab.issues": known, "gitlab.merge_requests": unknown}

    spans = Spans(Tallies({}), reach | {"zendesk.ticket_events": coverage()}, UTC_ZONE)
    found, tickets = (spans.measured(one, engineer(), WEEK) for one in (docs, measure()))

    assert found == Measurement(value=None, missing="gitlab has no account named iduarte")
    assert tickets.value == 0
