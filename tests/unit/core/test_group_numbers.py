from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.adapters.run_files import RunFiles
from reports.core.context import Context
from reports.core.group_numbers import (
    TOO_FEW_PEOPLE,
    Counts,
    Group,
    GroupKind,
    GroupName,
    GroupNumber,
    group_numbers,
)
from reports.core.model import Aggregation, Coverage, Evidence, Measure
from reports.core.people import Engineer, Team
from reports.core.results import Plan, WeekResults
from reports.core.weeks import Week
from tests.builders import W46, coverage, engineer, evidence, goal_book, manager, measure, role, rules, team
from tests.judging import Observed, judge, tallied

SOLVED = measure("solved_tickets")
SHARE = measure("first_reply_sla", kind=Aggregation.RATIO, category="priority")
HOURS = measure("first_reply_hours", kind=Aggregation.MEDIAN)
BACKLOG = measure("backlog", scope="organisation", category="priority")
RESOLUTION = measure("resolution_p50", scope="organisation", category="priority and type", kind=Aggregation.MEDIAN)
ALL = (SOLVED, SHARE, HOURS, BACKLOG)
WEEKS = W46.back_to(3)

#: Two teams of three in EMEA and one of two in AMER.
PEOPLE = (
    *(engineer(name) for name in ("ana", "ben", "cleo")),
    *(engineer(name, reports_to="ohart") for name in ("dan", "eva", "fay")),
    *(engineer(name, reports_to="rsato", region="AMER") for name in ("gus", "hal")),
)
MANAGERS = (manager(), manager("ohart"), manager("rsato", region="AMER"))


def organisation(*people: Engineer) -> Team:
    return team(*(people or PEOPLE), managers=MANAGERS)


def groups(
    *rows: Evidence, of: Team | None = None, measures: tuple[Measure, ...] = ALL, reach: Coverage | None = None, enough: int = 1
) -> tuple[Group, ...]:
    there, known = of or organisation(), reach or coverage()
    counts = Counts(
        measures=measures,
        tallies=tallied(rows, there.zone, measures),
        coverage={known.stream: known},
        rules=lambda week: rules(minimum_cases_for_rate=enough),
    )
    return group_numbers(there, WEEKS, counts)


def number(found: tuple[Group, ...], kind: GroupKind, name: str, measure: Measure) -> GroupNumber:
    wanted = GroupName(kind=kind, name=name)
    numbers = {one.measure: one for group in found if group.group == wanted for one in group.numbers}
    return numbers[measure.name]


def values(found: GroupNumber) -> list[float | None]:
    return [week.measurement.value for week in found.weeks]


def test_group_numbers__teams_regions_and_the_whole_in_this_order_and_small_ones_not_at_all() -> None:
    names = [(group.group.kind.value, group.group.name) for group in groups()]

    assert names == [("team", "ohart"), ("team", "plindqvist"), ("region", "EMEA"), ("organisation", "Acme Support")]


def test_group_numbers__are_sums_over_the_members_by_week() -> None:
    rows = [evidence("2026-11-10 10:00", "solved_tickets", who) for who in ("ana", "ben", "dan", "gus")]
    rows += [evidence("2026-11-03 10:00", "solved_tickets", "ana"), evidence("2026-11-03 11:00", "solved_tickets", "fay")]

    found = groups(*rows)

    assert values(number(found, GroupKind.TEAM, "plindqvist", SOLVED)) == [0, 1, 2]
    assert values(number(found, GroupKind.TEAM, "ohart", SOLVED)) == [0, 1, 1]
    assert values(number(found, GroupKind.REGION, "EMEA", SOLVED)) == [0, 2, 3]
    assert values(number(found, GroupKind.ORGANISATION, "Acme Support", SOLVED)) == [0, 2, 4]


def test_group_numbers__a_share_is_that_of_all_cases_and_not_the_mean_of_shares() -> None:
    rows = [evidence(f"2026-11-10 10:{n:02}", SHARE.name, "ana", value=1) for n in range(9)]
    rows += [evidence("2026-11-10 11:00", SHARE.name, "ben", value=0, category="high")]

    found = number(groups(*rows), GroupKind.TEAM, "plindqvist", SHARE)

    assert (found.weeks[-1].measurement.value, found.weeks[-1].measurement.cases) == (90, 10)
    assert [(name, one.value, one.cases) for name, one in found.categories] == [("", 100, 9), ("high", 0, 1)]


def test_group_numbers__too_few_cases_have_no_value() -> None:
    rows = [evidence(f"2026-11-10 10:{n:02}", SHARE.name, "ana", value=1, category="high") for n in range(19)]

    found = number(groups(*rows, enough=20), GroupKind.TEAM, "plindqvist", SHARE)

    assert [(week.measurement.value, week.measurement.cases) for week in found.weeks[-1:]] == [(None, 19)]
    assert [one.value for _, one in found.categories] == [None]


def test_group_numbers__a_quantile_is_that_of_all_values() -> None:
    rows = [evidence(f"2026-11-10 10:0{n}", HOURS.name, who, value=hours) for n, (who, hours) in enumerate(HOURS_OF)]

    assert number(groups(*rows), GroupKind.REGION, "EMEA", HOURS).weeks[-1].measurement.value == 3


HOURS_OF = (("ana", 1), ("ana", 2), ("ben", 3), ("dan", 40), ("eva", 50), ("gus", 60))


def test_group_numbers__what_is_nobodys_counts_for_its_region_and_for_the_whole() -> None:
    rows = [
        evidence("2026-11-15 23:00", BACKLOG.name, "", category="high"),
        evidence("2026-11-15 23:01", BACKLOG.name, "", category="low", region="EMEA"),
        evidence("2026-11-15 23:02", BACKLOG.name, "ana", category="low"),
        evidence("2026-11-15 23:03", BACKLOG.name, "ana", category="low", region="AMER"),
    ]

    found = groups(*rows)

    assert values(number(found, GroupKind.TEAM, "plindqvist", BACKLOG))[-1] == 2
    assert values(number(found, GroupKind.REGION, "EMEA", BACKLOG))[-1] == 2
    whole = number(found, GroupKind.ORGANISATION, "Acme Support", BACKLOG)
    assert values(whole)[-1] == 4
    assert [(name, one.value) for name, one in whole.categories] == [("high", 1), ("low", 3)]


#: Whose ticket, its priority and type, and the hours it took; one type's name holds what stands between the two.
SOLVES = (
    *(("ana", "high · saas", 1), ("ben", "high · saas", 3), ("", "low · saas", 40)),
    *(("ana", "low · Geo · DR", 50), ("gus", "low · ", 60)),
)


def by_two(found: GroupNumber) -> tuple[list[object], list[object]]:
    firsts: list[object] = [(name, one.value, one.cases) for name, one in found.categories]
    return firsts, [(row.name, row.whole.value, [one.value for one in row.by_first]) for row in found.rows]


def test_group_numbers__two_categories_are_told_apart_alone_and_together() -> None:
    rows = [evidence(f"2026-11-10 10:0{n}", RESOLUTION.name, who, value=v, category=c) for n, (who, c, v) in enumerate(SOLVES)]

    found = groups(*rows, measures=(RESOLUTION,))

    assert by_two(number(found, GroupKind.ORGANISATION, "Acme Support", RESOLUTION)) == (
        [("high", 2, 2), ("low", 50, 3)],
        [("", 60, [None, 60]), ("Geo · DR", 50, [None, 50]), ("saas", 3, [2, 40])],
    )
    assert by_two(number(found, GroupKind.TEAM, "plindqvist", RESOLUTION)) == (
        [("high", 2, 2), ("low", 50, 1)],
        [("Geo · DR", 50, [None, 50]), ("saas", 2, [2, None])],
    )


def test_group_numbers__of_two_categories_those_with_too_few_cases_have_no_value() -> None:
    rows = [evidence(f"2026-11-10 10:{n:02}", RESOLUTION.name, "ana", value=n, category="high · saas") for n in range(19)]
    rows += [evidence("2026-11-10 11:00", RESOLUTION.name, "ana", value=19, category="low · saas")]

    found = number(groups(*rows, measures=(RESOLUTION,), enough=20), GroupKind.TEAM, "plindqvist", RESOLUTION)

    assert by_two(found) == ([("high", None, 19), ("low", None, 1)], [("saas", 9.5, [None, None])])


def test_group_numbers__a_measure_of_one_category_takes_its_words_as_they_are() -> None:
    found = groups(evidence("2026-11-10 10:00", BACKLOG.name, "ana", category="high · saas"))

    whole = number(found, GroupKind.ORGANISATION, "Acme Support", BACKLOG)
    assert ([name for name, _ in whole.categories], whole.rows) == (["high · saas"], ())


def test_group_numbers__what_is_nobodys_counts_for_no_measure_of_people() -> None:
    found = groups(evidence("2026-11-10 10:00", "solved_tickets", ""))

    assert values(number(found, GroupKind.ORGANISATION, "Acme Support", SOLVED))[-1] == 0


def test_group_numbers__nobody_brings_the_weeks_of_another_team_along() -> None:
    moved = engineer("ana", changes=(role("2026-11-09", reports_to="ohart"),))
    rows = [evidence(f"{week.first_day} 10:00", "solved_tickets", "ana") for week in WEEKS]

    found = groups(*rows, of=organisation(moved, engineer("ian"), *PEOPLE[1:]))

    assert values(number(found, GroupKind.TEAM, "plindqvist", SOLVED)) == [1, 0, 0]
    assert values(number(found, GroupKind.TEAM, "ohart", SOLVED)) == [0, 1, 1]


def test_group_numbers__a_week_in_which_a_group_was_too_small_says_nothing() -> None:
    late = engineer("cleo", start_date=date(2026, 11, 4))
    rows = [evidence("2026-10-28 10:00", "solved_tickets", "ana")]

    found = number(groups(*rows, of=organisation(*PEOPLE[:2], late)), GroupKind.TEAM, "plindqvist", SOLVED)

    assert [(week.people, week.measurement.value, week.measurement.missing) for week in found.weeks] == [
        (2, None, TOO_FEW_PEOPLE),
        (3, 0, ""),
        (3, 0, ""),
    ]


def test_group_numbers__whom_a_source_does_not_know_is_left_out_and_not_counted_as_zero() -> None:
    rows = [evidence("2026-11-10 10:00", "solved_tickets", who) for who in ("ana", "dan")]
    unknown = engineer("cleo", zendesk_id=None)

    found = groups(*rows, of=organisation(*PEOPLE[:2], unknown, *PEOPLE[3:]))

    small = number(found, GroupKind.TEAM, "plindqvist", SOLVED).weeks[-1]
    assert (small.people, small.measurement.missing) == (2, TOO_FEW_PEOPLE)
    whole = number(found, GroupKind.ORGANISATION, "Acme Support", SOLVED).weeks[-1]
    assert (whole.people, whole.measurement.value) == (7, 2)


def test_group_numbers__a_source_that_was_not_read_is_no_data() -> None:
    found = groups(evidence("2026-11-10 10:00", BACKLOG.name, category="high"), reach=coverage(until="2026-11-12"))

    whole = number(found, GroupKind.ORGANISATION, "Acme Support", BACKLOG)
    assert [week.measurement.is_missing for week in whole.weeks] == [False, False, True]
    assert whole.categories == ()


# --- laws -----------------------------------------------------------------------------------------


def _row(who: str, measured: Measure, hours: int, value: int, category: str) -> Evidence:
    at = datetime(2026, 10, 26, tzinfo=UTC) + timedelta(hours=hours)
    return replace(evidence("2026-11-10 10:00", measured.name, who, value=value, category=category), at=at)


ROWS = st.lists(
    st.builds(
        _row,
        st.sampled_from([e.username for e in PEOPLE]),
        st.sampled_from(ALL),
        st.integers(0, 24 * 21),
        st.integers(0, 1),
        st.sampled_from(["", "high"]),
    ),
    max_size=40,
)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_group_numbers__a_count_of_a_group_is_the_sum_of_its_members_and_of_its_categories(rows: list[Evidence]) -> None:
    found = groups(*rows)

    for name, members in (("plindqvist", PEOPLE[:3]), ("ohart", PEOPLE[3:6])):
        for asked in (SOLVED, BACKLOG):
            weekly = number(found, GroupKind.TEAM, name, asked)
            mine = [row for row in rows if row.measure == asked.name and row.engineer in {e.username for e in members}]
            assert values(weekly) == [sum(Week.containing(row.at.date()) == week for row in mine) for week in WEEKS]
    whole = number(found, GroupKind.ORGANISATION, "Acme Support", BACKLOG)
    assert sum(one.value or 0 for _, one in whole.categories) == values(whole)[-1]


@settings(max_examples=50, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_group_numbers__neither_the_order_of_rows_nor_that_of_people_matters(rows: list[Evidence], chance: Random) -> None:
    people, shuffled = list(PEOPLE), list(rows)
    chance.shuffle(people)
    chance.shuffle(shuffled)

    assert groups(*shuffled, of=organisation(*people)) == groups(*rows)


def _solve(who: str, value: int, first: str, second: str) -> Evidence:
    return evidence("2026-11-10 10:00", RESOLUTION.name, who, value=value, category=f"{first} · {second}")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            _solve, st.sampled_from(["", "ana", "dan", "gus"]), st.integers(0, 9), st.sampled_from(["", "high", "low"]), st.text()
        ),
        max_size=30,
    )
)
def test_group_numbers__by_two_categories_every_case_is_in_one_row_and_one_column(rows: list[Evidence]) -> None:
    whole = number(groups(*rows, measures=(RESOLUTION,)), GroupKind.ORGANISATION, "Acme Support", RESOLUTION)

    places = [tuple(row.category.split(" · ", 1)) for row in rows]
    assert {name: one.cases for name, one in whole.categories} == Counter(first for first, _ in places)
    assert {row.name: row.whole.cases for row in whole.rows} == Counter(second for _, second in places)
    firsts = [name for name, _ in whole.categories]
    found = {(first, row.name): one for row in whole.rows for first, one in zip(firsts, row.by_first, strict=True) if one.cases}
    values_of = {place: [row.value for row, own in zip(rows, places, strict=True) if own == place] for place in places}
    assert {place: one.value for place, one in found.items()} == {place: median(own) for place, own in values_of.items()}


# --- in the results -------------------------------------------------------------------------------


def test_judge__keeps_what_is_the_organisations_apart_from_what_is_of_people(tmp_path: Path) -> None:
    plan = Plan(team=organisation(), goals=goal_book(), context=Context(), rule_sets=(rules(),))
    rows = (evidence("2026-11-10 10:00", BACKLOG.name, "", category="high"), evidence("2026-11-10 10:00", SOLVED.name, "ana"))

    results = judge(plan, Observed(measures=ALL, evidence=rows, coverage=(coverage(),), contributions=()), W46)

    assert [m.name for m in results.measures] == [m.name for m in ALL if m is not BACKLOG]
    assert results.organisation_measures == (BACKLOG,)
    assert set(results.engineers[0].history) == {m.name for m in results.measures}
    assert values(number(results.groups, GroupKind.ORGANISATION, "Acme Support", BACKLOG))[-1] == 1
    assert len(number(results.groups, GroupKind.REGION, "EMEA", SOLVED).weeks) == 12

    files = RunFiles(tmp_path)
    files.write("results", results)
    assert files.read("results", WeekResults, "measure") == results
