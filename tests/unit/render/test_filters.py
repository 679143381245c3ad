from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from reports.core.judgement import Status
from reports.core.model import Aggregation, GoalKind, Measurement, Period
from reports.core.rates import if_enough, quantile, ratio
from reports.core.view import WeekCell
from reports.core.weeks import Week
from reports.render import figures, filters, selections
from reports.render.links import LinkRules
from reports.render.markdown import Safe, harmless
from tests.views import (
    HOSTS,
    NEW_TICKETS,
    capacity,
    contributions_hostile,
    engineer_drafts,
    engineer_ordinary,
    goal,
    team_with_actions,
)


def seen_cell(measurement: Measurement, target: float, status: Status) -> WeekCell:
    agreed = goal(NEW_TICKETS, measurement.value, target, status).goal
    return WeekCell(goal=agreed, measurement=measurement, target=target, status=status)


CATALOGUE = filters.catalogue(LinkRules.to(HOSTS, leave_traces=True), harmless)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "no data"), (0, "0"), (5, "5"), (5.0, "5"), (4.5, "4.5"), (2.04, "2"), (1200, "1200")],
)
def test_number__whole_or_one_decimal(value: float | None, expected: str) -> None:
    assert figures.number(value) == expected


@pytest.mark.parametrize(
    ("months", "expected"),
    [(0.4, "0 months"), (1.9, "1 month"), (14.3, "14 months"), (23.9, "23 months"), (24.1, "2 years"), (51.5, "4 years")],
)
def test_time_in_months__months_and_from_two_on_years(months: float, expected: str) -> None:
    assert filters.time_in_months(months) == expected


def test_day__of_a_date() -> None:
    assert filters.day(date(2026, 11, 9)) == "Mon 9 Nov"


def test_day__of_an_instant_is_that_of_the_zone() -> None:
    late = datetime(2026, 11, 8, 23, 30, tzinfo=UTC)
    assert filters.day(late) == "Sun 8 Nov"
    assert filters.day(late, "Europe/Berlin") == "Mon 9 Nov"


def test_moment__in_the_zone() -> None:
    assert filters.moment(datetime(2026, 11, 8, 23, 30, tzinfo=UTC), "Europe/Berlin") == "Mon 9 Nov 00:30"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 11, 9), date(2026, 11, 15), "Mon 9 – Sun 15 Nov"),
        (date(2026, 9, 28), date(2026, 10, 4), "Mon 28 Sep – Sun 4 Oct"),
        (date(2025, 11, 9), date(2026, 11, 15), "Sun 9 Nov – Sun 15 Nov"),
    ],
)
def test_span__names_a_month_once(first: date, last: date, expected: str) -> None:
    assert filters.span((first, last)) == expected


def test_week__in_full_and_short() -> None:
    assert filters.week_name(Week(2026, 5)) == "2026-W05"
    assert filters.week_short(Week(2026, 5)) == "W05"


@pytest.mark.parametrize("status", Status)
def test_status_word__every_status_has_its_words(status: Status) -> None:
    assert filters.status_word(status) == status.value.replace("_", " ")
    assert filters.baseline_word(status)


@pytest.mark.parametrize(
    ("kind", "upper", "words"),
    [
        (GoalKind.AT_LEAST, None, "5"),
        (GoalKind.AT_MOST, None, "at most 5"),
        (GoalKind.BAND, 6.5, "5–6.5"),
        (GoalKind.INFORMATIONAL, None, "5"),
    ],
)
def test_target_words__say_what_a_goal_of_each_kind_asks_for(kind: GoalKind, upper: float | None, words: str) -> None:
    agreed = replace(goal(NEW_TICKETS, 4, 5, Status.MET).goal, kind=kind, upper=upper)

    assert figures.target_words(agreed, 5.0) == words


@pytest.mark.parametrize("period", Period)
def test_period_word__every_period_has_its_words(period: Period) -> None:
    assert filters.period_word(period)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, "–"),
        (seen_cell(measurement=Measurement(value=6), target=5, status=Status.MET), "6 / 5"),
        (seen_cell(measurement=Measurement(value=2), target=4.5, status=Status.NOT_MET), "2 / 4.5, not met"),
        (seen_cell(measurement=Measurement(value=4), target=4.5, status=Status.WITHIN_NOISE), "4 / 4.5, within noise"),
        (seen_cell(measurement=Measurement(value=4), target=4.5, status=Status.NOT_ASSESSED), "4 / –"),
        (seen_cell(measurement=ratio(23, 40), target=60, status=Status.NOT_MET), "57 % / 60 %, not met"),
        (seen_cell(measurement=ratio(23, 40), target=60, status=Status.NOT_ASSESSED), "57 % / –"),
        (seen_cell(measurement=if_enough(ratio(9, 16), 20), target=60, status=Status.NOT_ASSESSED), "9 of 16 / –"),
        (seen_cell(measurement=Measurement(value=None), target=4.5, status=Status.NOT_ASSESSED), "no data"),
        (seen_cell(measurement=Measurement(value=None, missing="x"), target=5, status=Status.NO_DATA), "no data"),
    ],
)
def test_week_cell__counted_and_target(cell: WeekCell | None, expected: str) -> None:
    assert filters.week_cell(cell) == expected


def test_week_cell__a_limit_takes_few_letters() -> None:
    cell = seen_cell(measurement=quantile(Aggregation.MEDIAN, [98.2] * 27), target=24, status=Status.NOT_MET)

    assert filters.week_cell(replace(cell, goal=replace(cell.goal, kind=GoalKind.AT_MOST))) == "98.2 / ≤ 24, not met"


def test_asked__a_dash_where_nothing_is_asked() -> None:
    agreed = goal(NEW_TICKETS, 4, 5, Status.MET, scaled=4.0)
    out = replace(agreed, status=Status.NOT_ASSESSED)

    assert filters.asked(agreed) == "4"
    assert filters.asked(out) == "4"  # disputed or not due yet: what was asked for is of interest
    assert filters.asked(replace(out, capacity=capacity(uncounted="onboarding"))) == "–"
    assert filters.asked(replace(out, goal=replace(agreed.goal, kind=GoalKind.INFORMATIONAL))) == "–"
    assert filters.asked(replace(out, goal=replace(agreed.goal, target=0))) == "–"


def test_quiet__numbers_of_which_there_is_nothing_to_show() -> None:
    view = engineer_ordinary()

    assert [item.measure.name for item in selections.quiet(view)] == ["training_modules", "issues_created"]
    assert len(selections.eventful(view.goals)) == 3


@pytest.mark.parametrize(
    ("texts", "expected"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_names__as_people_say_a_list(texts: tuple[str, ...], expected: str) -> None:
    assert CATALOGUE["names"](texts) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [(("a", "b"), "a and b"), (tuple("abcd"), "a, b, c and d"), (tuple("abcde"), "a, b, c and 2 more")],
)
def test_some_names__of_a_long_list_are_the_first_and_how_many_more(texts: tuple[str, ...], expected: str) -> None:
    assert CATALOGUE["some_names"](texts) == expected


def test_listed__refuses_text_that_nobody_made_safe() -> None:
    with pytest.raises(TypeError, match="safe already"):
        filters.listed(["<b>"])  # type: ignore[list-item]  # the wrong type is what is tested
    assert filters.listed([Safe("a")]) == "a"


def test_selections__agreed_and_drafts_part_the_goals() -> None:
    assert selections.agreed(engineer_ordinary().goals) == engineer_ordinary().goals
    assert selections.drafts(engineer_ordinary().goals) == ()
    assert selections.drafts(engineer_drafts().goals) == engineer_drafts().goals


def test_having__picks_by_status() -> None:
    assert [g.measure.name for g in selections.having(engineer_ordinary().goals, "within_noise")] == ["pairing_sessions"]


def test_not_ready__picks_who_lacks_data() -> None:
    assert [m.name for m in selections.not_ready(team_with_actions().members)] == ["Theo Baker"]


def test_by_day__groups_in_order() -> None:
    grouped = selections.by_day(contributions_hostile().contributions)
    assert [(on.day, len(group)) for on, group in grouped] == [(9, 3), (12, 2)]


def test_left_out__the_weeks_without_a_target() -> None:
    assert [week.number for week in selections.left_out(engineer_ordinary().goals[1])] == [44, 45]
    assert selections.has_line(engineer_ordinary().goals[1])
    assert not selections.has_line(engineer_drafts().goals[0])


@pytest.mark.parametrize(("values", "expected"), [((), None), ((1.0,), None), ((1.0, 2.0), 1.0), ((None, 2.0), None)])
def test_week_before__the_last_but_one(values: tuple[float | None, ...], expected: float | None) -> None:
    assert selections.week_before(values) == expected


def test_catalogue__none_of_the_filters_of_jinja_that_let_text_pass() -> None:
    assert not {"safe", "escape", "e", "format", "replace", "join", "indent", "string", "default", "map"} & set(CATALOGUE)
