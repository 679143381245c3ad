"""Whether the schedules that do the work are there and will run, judged from plain observations."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reports.core.health import Finding, Verdict
from reports.core.pipeline_schedules import Run, Schedule, SchedulesSeen, about_schedules, unasked, unreadable

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)


def schedule(run: str | None = "", cron: str = "0 5 * * 1", **special: Any) -> Schedule:
    plain: dict[str, Any] = {
        "description": run or "reports",
        "ref": "main",
        "is_active": True,
        "next_run_at": NOW + timedelta(hours=1),
        "owner": "opal",
        "owner_state": "active",
    }
    return Schedule(run=run, cron=cron, **(plain | special))


WEEKLY, DAILY, HOURLY = schedule(), schedule("daily", "30 2 * * *"), schedule("hourly", "5 * * * *")


def found(*schedules: Schedule, branch: str = "main") -> list[Finding]:
    return list(about_schedules(SchedulesSeen(project="acme/reports", default_branch=branch, schedules=schedules), NOW))


def verdicts(*schedules: Schedule, branch: str = "main") -> list[tuple[str, Verdict]]:
    return [(one.subject, one.verdict) for one in found(*schedules, branch=branch)]


WELL = [("pipelines: weekly", Verdict.OK), ("pipelines: daily", Verdict.OK), ("pipelines: hourly", Verdict.OK)]


def ill(*schedules: Schedule, branch: str = "main") -> list[tuple[str, Verdict]]:
    return [pair for pair in verdicts(*schedules, branch=branch) if pair[1] is not Verdict.OK]


def test_schedules__the_three_are_well_with_and_without_the_word_weekly() -> None:
    assert verdicts(HOURLY, WEEKLY, DAILY) == verdicts(schedule("weekly"), DAILY, HOURLY) == WELL
    assert found(WEEKLY)[0].says == "next on 2026-11-16 07:00 UTC, owned by opal"


def test_schedules__without_any_only_the_weekly_one_stops_the_reports() -> None:
    findings = found()

    assert [one.verdict for one in findings] == [Verdict.WRONG, Verdict.WARNING, Verdict.WARNING]
    assert [one.code for one in findings] == [7, 0, 0]
    assert [one.step for one in findings] == [
        "make one in Build, Pipeline schedules, on Monday morning",
        "make one in Build, Pipeline schedules, every day, with the variable SUPPORT_REPORTS_RUN = daily",
        "make one in Build, Pipeline schedules, every hour, with the variable SUPPORT_REPORTS_RUN = hourly",
    ]


@pytest.mark.parametrize(
    ("special", "why"),
    [
        ({"is_active": False}, "it is inactive"),
        ({"owner": "", "owner_state": ""}, "it has no owner"),
        ({"owner_state": "blocked", "is_active": False}, "its owner opal is blocked"),
        ({"owner_state": "deactivated"}, "its owner opal is deactivated"),
        ({"next_run_at": None}, "no next run is planned"),
        ({"next_run_at": NOW - timedelta(hours=2, seconds=1)}, "it was due on 2026-11-16 03:59 UTC"),
    ],
)
@pytest.mark.parametrize(("run", "cron", "verdict"), [("", "0 5 * * 1", Verdict.WRONG), ("daily", "0 5 * * *", Verdict.WARNING)])
def test_schedules__one_that_does_not_run_says_the_first_reason(
    special: dict[str, Any], why: str, run: str, cron: str, verdict: Verdict
) -> None:
    others = [one for one in (WEEKLY, DAILY, HOURLY) if one.run != run]

    (finding,) = (one for one in found(schedule(run, cron, **special), *others) if one.verdict is not Verdict.OK)

    assert (finding.subject, finding.verdict) == (f"pipelines: {run or 'weekly'}", verdict)
    assert f"does not run: {why}, so " in finding.says
    assert finding.step.endswith("in Build, Pipeline schedules")


def test_schedules__what_is_due_may_be_a_little_late() -> None:
    assert ill(schedule(next_run_at=NOW - timedelta(hours=2)), DAILY, HOURLY) == []


def test_schedules__a_spare_one_may_sleep_where_another_runs() -> None:
    assert verdicts(schedule(is_active=False), WEEKLY, DAILY, HOURLY) == WELL


def test_schedules__two_that_sleep_are_both_named() -> None:
    asleep = [schedule(description=name, is_active=False) for name in ("first", "second")]

    assert [one.says.split("'")[1] for one in found(*asleep, DAILY, HOURLY) if one.verdict is Verdict.WRONG] == [
        "first",
        "second",
    ]


def test_schedules__another_branch_than_the_default_one_is_a_warning_where_that_is_known() -> None:
    there = schedule(ref="try")

    assert ill(there, DAILY, HOURLY) == [("pipelines: weekly", Verdict.WARNING)]
    assert ill(there, DAILY, HOURLY, branch="") == []


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (schedule(cron="0 5 * * *"), "starts the weekly run more than once a week (0 5 * * *)"),
        (schedule(cron="0 * * * *"), "starts the weekly run more than once a week (0 * * * *)"),
        (schedule(cron="0 5 * * 1,4"), "starts the weekly run more than once a week (0 5 * * 1,4)"),
        (schedule("weekly", "0 5 1 * *"), "runs less often than weekly (0 5 1 * *)"),
        (schedule("daily", "0 5 * * 1"), "runs less often than daily (0 5 * * 1)"),
        (schedule("hourly", "0 5 * * *"), "runs less often than hourly (0 5 * * *)"),
    ],
)
def test_schedules__times_that_do_not_fit_are_told(one: Schedule, says: str) -> None:
    others = [other for other in (WEEKLY, DAILY, HOURLY) if other.kind is not one.kind]

    (finding,) = (finding for finding in found(one, *others) if finding.verdict is not Verdict.OK)

    assert (finding.verdict, says in finding.says) == (Verdict.WARNING, True)


@pytest.mark.parametrize(
    "one",
    [
        schedule("daily", "0 */6 * * *"),
        schedule("hourly", "*/15 * * * *"),
        schedule("weekly", "0 5 * * mon"),
        schedule("weekly", "@weekly"),
    ],
    ids=lambda one: one.cron,
)
def test_schedules__more_often_or_told_otherwise_is_well(one: Schedule) -> None:
    others = [other for other in (WEEKLY, DAILY, HOURLY) if other.kind is not one.kind]

    assert ill(one, *others) == []


def test_schedules__a_word_that_starts_nothing_is_named_and_one_that_renews_tokens_is_not() -> None:
    renewing, wrong = schedule("rotate-token", "0 4 1 * *"), schedule("Daily", "0 4 * * *")

    findings = [one for one in found(WEEKLY, DAILY, HOURLY, renewing, wrong) if one.verdict is not Verdict.OK]

    assert [one.says for one in findings] == ["the schedule 'Daily' sets SUPPORT_REPORTS_RUN to 'Daily', which starts nothing"]
    assert findings[0].step == "set it to one of hourly, daily, weekly, rotate-token in Build, Pipeline schedules"


@pytest.mark.parametrize(
    ("cron", "kind"),
    [
        ("0 5 * * 1", Run.WEEKLY),
        ("30 2 * * *", Run.DAILY),
        ("30 2 * * 1-5", Run.DAILY),
        ("5 * * * *", Run.HOURLY),
        ("0 8-18 * * *", Run.HOURLY),
        ("0 4 1 * *", Run.ROTATE_TOKEN),
        ("@weekly", None),
    ],
)
def test_schedules__whose_variable_we_may_not_see_are_what_their_times_fit(cron: str, kind: Run | None) -> None:
    one = schedule(None, cron)

    assert one.kind is kind
    told = [finding.says for finding in found(one) if finding.verdict is Verdict.OK]
    assert ["by its times" in says for says in told] == [True] * (kind in (Run.WEEKLY, Run.DAILY, Run.HOURLY))
    assert "starts nothing" not in "".join(finding.says for finding in found(one))


def test_schedules__that_nobody_may_look_at_are_neither_right_nor_wrong() -> None:
    assert [one.verdict for one in (unasked(), unreadable("acme/reports"))] == [Verdict.UNSEEN] * 2
