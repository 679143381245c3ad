"""What people said laid over judged weeks: it takes weeks and numbers out, and never counts against the engineer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.assessment import week_status
from reports.core.context import Context
from reports.core.judgement import AssessedWeek, Capacity, Status, Verdict
from reports.core.model import Measurement
from reports.core.overrides import DISPUTED, EXCUSED, NOTHING_SAID, Overrides, overridden
from reports.core.results import EngineerResults, Plan
from reports.core.runs import run_lengths
from reports.core.weeks import DayRange, Week
from tests.builders import W46, agreement, away, corrected, coverage, evidence, goal, goal_book, measure, rules, team, terms
from tests.judging import Observed, judge

WHO = "iduarte"
MET, MISSED, NEAR, OUT, UNKNOWN = (
    Status.MET,
    Status.NOT_MET,
    Status.WITHIN_NOISE,
    Status.NOT_ASSESSED,
    Status.NO_DATA,
)


def capacity(uncounted: str = "") -> Capacity:
    """A full week."""
    return Capacity(
        days=DayRange(W46.first_day, W46.last_day),
        working_days=5,
        unavailable_days=0,
        reduced_days=0,
        on_call_days=0,
        full_time_days=5,
        labels=(),
        uncounted=uncounted,
    )


def verdict(name: str, status: Status, reason: str = "") -> Verdict:
    """A verdict on a goal of five."""
    value = None if status is UNKNOWN else 3.0
    return Verdict(
        goal=goal(name), capacity=capacity(), status=status, measurement=Measurement(value=value), target=5, reason=reason
    )


def judged(week: Week = W46, uncounted: str = "", **statuses: Status) -> AssessedWeek:
    """A judged week with a verdict for each measure."""
    room = capacity(uncounted)
    verdicts = tuple(
        verdict(name, OUT if uncounted else status, uncounted if uncounted else "draft" if status is OUT else "")
        for name, status in statuses.items()
    )
    return AssessedWeek(
        week=week,
        rule_set="handbook-2023",
        capacity=room,
        verdicts=verdicts,
        status=week_status(room, verdicts),
        missed_run_length=0,
    )


def excused(*weeks: Week, who: str = WHO) -> Overrides:
    return Overrides(excused=frozenset((who, week) for week in weeks))


def disputed(*measures: str, who: str = WHO, week: Week = W46) -> Overrides:
    return Overrides(disputed=frozenset((who, name, week) for name in measures))


def outcome(week: AssessedWeek) -> list[tuple[Status, str]]:
    return [(one.status, one.reason) for one in week.verdicts]


# --- nothing said ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "overrides",
    [
        NOTHING_SAID,
        excused(W46.plus(-1)),
        excused(W46, who="kaziz"),
        disputed("new_tickets", week=W46.plus(-1)),
        disputed("new_tickets", who="kaziz"),
        disputed("pairing_sessions"),
        Overrides(fresh_starts={WHO: W46}, followed=frozenset({WHO}), corrections=(corrected(W46, 3),)),
    ],
)
def test_overridden__what_was_said_of_something_else_changes_nothing(overrides: Overrides) -> None:
    week = judged(new_tickets=MISSED, docs_updates=MET)

    assert overridden(WHO, week, overrides) == week


# --- excused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [MET, NEAR])
def test_excused__a_week_that_speaks_for_the_engineer_still_ends_a_run(status: Status) -> None:
    week = overridden(WHO, judged(new_tickets=status), excused(W46))

    assert (week.status, week.capacity.uncounted) == (status, EXCUSED)
    assert outcome(week) == [(status, "")]


def test_excused__the_week_is_not_assessed_and_says_no_more_than_that() -> None:
    week = overridden(WHO, judged(new_tickets=MISSED, docs_updates=MET, pairing_sessions=UNKNOWN), excused(W46))

    assert week.status is OUT
    assert week.capacity == capacity(uncounted="excused")
    assert outcome(week) == [(OUT, "excused")] * 3


def test_excused__numbers_targets_and_available_days_stay_as_they_were() -> None:
    before = judged(new_tickets=MISSED)

    after = overridden(WHO, before, excused(W46))

    assert [(v.measurement, v.target, v.goal) for v in after.verdicts] == [
        (v.measurement, v.target, v.goal) for v in before.verdicts
    ]
    assert after.capacity.available_days == before.capacity.available_days == 5


def test_excused__what_was_not_assessed_anyway_keeps_its_own_reason() -> None:
    assert outcome(overridden(WHO, judged(new_tickets=OUT, docs_updates=MISSED), excused(W46))) == [
        (OUT, "draft"),
        (OUT, EXCUSED),
    ]


def test_excused__an_on_call_week_stays_an_on_call_week() -> None:
    week = judged(uncounted="on call", new_tickets=MISSED)

    assert overridden(WHO, week, excused(W46)) == week


def test_excused__goes_before_disputed() -> None:
    both = replace(excused(W46), disputed=disputed("new_tickets").disputed)

    assert overridden(WHO, judged(new_tickets=MISSED), both) == overridden(WHO, judged(new_tickets=MISSED), excused(W46))


# --- disputed -------------------------------------------------------------------------------------------


def test_disputed__only_that_number_is_set_aside() -> None:
    week = overridden(WHO, judged(new_tickets=MISSED, docs_updates=MET), disputed("new_tickets"))

    assert outcome(week) == [(OUT, "disputed, until it is settled"), (MET, "")]
    assert week.capacity.uncounted == ""


@pytest.mark.parametrize(
    ("new_tickets", "docs_updates", "status"),
    [
        (MISSED, MISSED, MISSED),  # the other one was missed all the same
        (MISSED, MET, OUT),  # the miss hangs on the number: the week waits
        (MISSED, NEAR, OUT),
        (MISSED, UNKNOWN, OUT),
        (MISSED, OUT, OUT),
        (MET, MISSED, MISSED),
        (MET, MET, MET),  # what was met stays met, so that asking never costs anything
        (MET, OUT, MET),
        (NEAR, OUT, NEAR),
        (NEAR, MET, MET),  # what is left was met
        (UNKNOWN, MET, UNKNOWN),
        (UNKNOWN, MISSED, MISSED),
        (OUT, MET, MET),
    ],
)
def test_disputed__the_week_without_that_number(new_tickets: Status, docs_updates: Status, status: Status) -> None:
    before = judged(new_tickets=new_tickets, docs_updates=docs_updates)

    assert overridden(WHO, before, disputed("new_tickets")).status is status


def test_disputed__two_numbers_at_once() -> None:
    week = overridden(WHO, judged(new_tickets=MISSED, docs_updates=MISSED), disputed("new_tickets", "docs_updates"))

    assert (week.status, outcome(week)) == (OUT, [(OUT, DISPUTED), (OUT, DISPUTED)])


def test_disputed__a_draft_keeps_its_own_reason() -> None:
    before = judged(new_tickets=OUT, docs_updates=MISSED)

    assert overridden(WHO, before, disputed("new_tickets")) == before


def test_disputed__both_goals_on_one_measure_wait() -> None:
    week = judged(new_tickets=MISSED)
    twice = replace(week, verdicts=week.verdicts * 2)

    assert outcome(overridden(WHO, twice, disputed("new_tickets"))) == [(OUT, DISPUTED)] * 2


# --- over the weeks -------------------------------------------------------------------------------------


def story(said: Overrides = NOTHING_SAID, week: Week = W46, **special: Any) -> EngineerResults:
    """Ines met her goal of five tickets in every week until W42, and has had one ticket a week since."""
    weeks = [W46.plus(n) for n in range(-11, 3)]
    rows = [evidence(f"{one.first_day} 10:{n:02d}") for one in weeks for n in range(5 if one <= Week(2026, 42) else 1)]
    ordinary: dict[str, Any] = {
        "team": team(),
        "goals": goal_book(agreement(terms("new_tickets", 5))),
        "context": Context(),
        "rule_sets": (rules(),),
    }
    observed = Observed(measures=(measure(),), evidence=tuple(rows), coverage=(coverage(),), contributions=())
    (own,) = judge(Plan(**(ordinary | special)), observed, week, said=said).engineers
    return own


def runs(own: EngineerResults) -> list[int]:
    """The run after each of the last five weeks: W42, W43, W44, W45, W46."""
    return [week.missed_run_length for week in own.weeks[-5:]]


def test_run__without_a_word() -> None:
    assert runs(story()) == [0, 1, 2, 3, 4]
    assert story().chance is not None


def test_run__an_excused_week_pauses_it() -> None:
    own = story(excused(Week(2026, 44)))

    assert runs(own) == [0, 1, 1, 2, 3]
    assert own.chance is None


def test_run__two_excused_weeks_in_a_row_end_it_as_the_rules_say() -> None:
    assert runs(story(excused(Week(2026, 43), Week(2026, 44)))) == [0, 0, 0, 1, 2]
    assert runs(story(excused(Week(2026, 44), Week(2026, 45)))) == [0, 1, 1, 0, 1]


def test_run__a_disputed_miss_pauses_it_until_it_is_settled() -> None:
    assert runs(story(disputed("new_tickets", week=Week(2026, 45)))) == [0, 1, 2, 2, 3]


def test_run__a_word_that_is_taken_back_brings_the_week_back_as_it_was() -> None:
    own = story(excused(W46))

    assert own.judged == story().judged
    assert (own.weeks[-1].status, own.judged.status) == (OUT, MISSED)


def test_correction__fewer_days_lower_the_target_of_that_week() -> None:
    own = story(Overrides(corrections=(corrected(Week(2026, 44), 1),)))

    # A fifth of a week: one ticket is enough.
    assert [(week.status, week.verdicts[0].target) for week in own.weeks[-4:]] == [
        (MISSED, 5),
        (MET, 1),
        (MISSED, 5),
        (MISSED, 5),
    ]
    assert runs(own) == [0, 1, 0, 1, 2]


def test_correction__no_days_at_all_take_the_week_out() -> None:
    own = story(Overrides(corrections=(corrected(W46, 0),)))

    assert (own.weeks[-1].status, own.weeks[-1].capacity.available_days, runs(own)) == (OUT, 0, [0, 1, 2, 3, 3])


def test_correction__takes_the_place_of_what_was_written_down() -> None:
    leave = Context(unavailable=(away("2026-11-12", "2026-11-13"),), corrections=(corrected(W46, 4),))

    assert story(context=leave).weeks[-1].capacity.available_days == 4
    assert story(Overrides(corrections=(corrected(W46, 2.5),)), context=leave).weeks[-1].capacity.available_days == 2.5


def test_correction__of_somebody_else_changes_nothing() -> None:
    assert story(Overrides(corrections=(corrected(W46, 0, who="kaziz"),))).weeks == story().weeks


@pytest.mark.parametrize(
    ("ended_in", "expected"),
    [
        ("2026-W42", [0, 1, 2, 3, 4]),
        ("2026-W43", [0, 1, 1, 2, 3]),
        ("2026-W44", [0, 1, 2, 1, 2]),
        ("2026-W45", [0, 1, 2, 3, 1]),
        ("2026-W46", [0, 1, 2, 3, 4]),
        ("2026-W50", [0, 1, 2, 3, 4]),
    ],
)
def test_fresh_start__missed_weeks_are_counted_anew_after_the_week_in_which_a_case_ended(
    ended_in: str, expected: list[int]
) -> None:
    assert runs(story(Overrides(fresh_starts={WHO: Week.parse(ended_in)}))) == expected


@pytest.mark.parametrize(
    ("ended_in", "asks"), [("2026-W42", True), ("2026-W43", False), ("2026-W46", False), ("2026-W47", False)]
)
def test_fresh_start__a_run_that_was_talked_about_asks_for_nothing_again(ended_in: str, asks: bool) -> None:
    assert (story(Overrides(fresh_starts={WHO: Week.parse(ended_in)})).chance is not None) == asks


def test_fresh_start__four_more_missed_weeks_ask_again() -> None:
    own = story(Overrides(fresh_starts={WHO: Week(2026, 44)}), week=Week(2026, 48))

    assert [week.missed_run_length for week in own.weeks[-6:]] == [1, 2, 1, 2, 3, 4]
    assert own.chance is not None


def test_fresh_start__before_all_known_weeks_is_no_matter() -> None:
    assert runs(story(Overrides(fresh_starts={WHO: Week(2025, 10)}))) == runs(story())


def test_followed__keeps_the_events_of_all_weeks() -> None:
    calm = story(week=Week(2026, 43))
    open_case = story(Overrides(followed=frozenset({WHO})), week=Week(2026, 43))

    assert calm.case_evidence == ()
    # W32 to W43: the story begins with W35.
    assert len(open_case.case_evidence) == 8 * 5 + 1
    assert min(row.at.date() for row in open_case.case_evidence) == date(2026, 8, 24)


# --- laws -----------------------------------------------------------------------------------------------

MEASURES = ("new_tickets", "docs_updates", "pairing_sessions")
WEEKS = W46.back_to(8)


@st.composite
def weeks_of_somebody(draw: st.DrawFn) -> list[AssessedWeek]:
    """Eight judged weeks with up to three goals each."""
    made = []
    for week in WEEKS:
        statuses = draw(st.dictionaries(st.sampled_from(MEASURES), st.sampled_from(Status)))
        made.append(judged(week, draw(st.sampled_from(["", "", "", "on call", "away"])), **statuses))
    return made


numbers = st.frozensets(st.tuples(st.sampled_from([WHO, "kaziz"]), st.sampled_from(MEASURES), st.sampled_from(WEEKS)))
whole_weeks = st.frozensets(st.tuples(st.sampled_from([WHO, "kaziz"]), st.sampled_from(WEEKS)))
everything_said = st.builds(Overrides, excused=whole_weeks, disputed=numbers)


def lengths(weeks: Sequence[AssessedWeek]) -> tuple[int, ...]:
    return run_lengths((week.status, 2) for week in weeks)


@given(weeks_of_somebody(), everything_said)
def test_law__a_verdict_stays_or_is_set_aside_and_the_rest_decides(weeks: list[AssessedWeek], said: Overrides) -> None:
    for before in weeks:
        after = overridden(WHO, before, said)

        noise_set_aside = (before.status, after.status) == (NEAR, MET)
        assert after.status in (before.status, OUT) or noise_set_aside
        assert not noise_set_aside or NEAR not in {verdict.status for verdict in after.verdicts}
        for was, now in zip(before.verdicts, after.verdicts, strict=True):
            assert now == was or (now.status is OUT and now.reason in (EXCUSED, DISPUTED))
            assert (now.goal, now.target, now.measurement) == (was.goal, was.target, was.measurement)


@given(weeks_of_somebody(), everything_said)
def test_law__no_word_makes_a_missed_week(weeks: list[AssessedWeek], said: Overrides) -> None:
    before = {week.week for week in weeks if week.status is MISSED}
    after = {week.week for week in weeks if overridden(WHO, week, said).status is MISSED}

    assert after <= before


@given(weeks_of_somebody(), numbers)
def test_law__calling_a_number_wrong_never_lengthens_a_run(weeks: list[AssessedWeek], wrong: frozenset[Any]) -> None:
    after = [overridden(WHO, week, Overrides(disputed=wrong)) for week in weeks]

    assert all(now <= was for was, now in zip(lengths(weeks), lengths(after), strict=True))


@given(weeks_of_somebody(), st.sets(st.sampled_from(WEEKS)))
def test_law__excusing_weeks_never_lengthens_a_run(weeks: list[AssessedWeek], chosen: set[Week]) -> None:
    after = [overridden(WHO, week, excused(*chosen)) for week in weeks]

    assert all(now <= was for was, now in zip(lengths(weeks), lengths(after), strict=True))


@given(weeks_of_somebody(), everything_said)
def test_law__saying_it_twice_is_saying_it_once(weeks: list[AssessedWeek], said: Overrides) -> None:
    for week in weeks:
        once = overridden(WHO, week, said)
        assert overridden(WHO, once, said) == once


@given(weeks_of_somebody(), everything_said)
def test_law__what_is_said_of_one_person_concerns_nobody_else(weeks: list[AssessedWeek], said: Overrides) -> None:
    assert [overridden("ohart", week, said) for week in weeks] == weeks
