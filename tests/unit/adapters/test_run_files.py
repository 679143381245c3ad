import json
from pathlib import Path

from reports.adapters.run_files import RunFiles
from reports.core.context import Context
from reports.core.model import Aggregation, GoalTerms, Period
from reports.core.published import PublishedWeek
from reports.core.results import Plan, WeekResults, as_published
from tests.builders import W46, agreement, coverage, evidence, goal_book, measure, rules, team
from tests.judging import Observed, judge

SHARE = measure("own_ticket_reply_share", unit="replies", kind=Aggregation.RATIO)
HOURS = measure("time_to_resolve", unit="hours", kind=Aggregation.MEDIAN)


def results() -> WeekResults:
    goals = tuple(GoalTerms(measure=of.name, target=50, per=Period.WEEK) for of in (SHARE, HOURS, measure()))
    plan = Plan(team=team(), goals=goal_book(agreement(*goals)), context=Context(), rule_sets=(rules(),))
    rows = [evidence(f"2026-11-10 10:{n:02}", SHARE.name, value=float(n % 3 > 0)) for n in range(40)]
    rows += [evidence(f"2026-11-10 11:{n:02}", HOURS.name, value=n / 3) for n in range(25)]
    rows += [evidence("2026-11-03 11:00", HOURS.name, value=3)]
    seen = Observed(measures=(SHARE, HOURS, measure()), evidence=tuple(rows), coverage=(coverage(),), contributions=())
    return judge(plan, seen, W46)


def test_results__with_shares_and_medians_come_back_as_they_were(tmp_path: Path) -> None:
    files, judged = RunFiles(tmp_path), results()
    files.write("results", judged)
    files.write("published", as_published(judged))

    assert files.read("results", WeekResults, "measure") == judged
    assert files.find("published", PublishedWeek) == as_published(judged)


def test_published_week__that_an_older_version_wrote_is_read_with_what_it_meant(tmp_path: Path) -> None:
    files, published = RunFiles(tmp_path), as_published(results())
    path = files.write("published", published)
    kept = json.loads(path.read_text(encoding="utf-8"))
    del kept["rules"]["baseline_measures"]
    del kept["engineers"]["iduarte"]["said_days"]
    for name in ("on_call_week_days", "after_on_call_days", "onboarding_days", "rotations"):
        del kept["engineers"]["iduarte"]["capacity"][name]
    verdict = next(v for v in kept["engineers"]["iduarte"]["verdicts"] if v["goal"]["measure"] == "new_tickets")
    verdict["measurement"] = {"value": 0.0, "missing": ""}
    path.write_text(json.dumps(kept), encoding="utf-8")

    assert files.find("published", PublishedWeek) == published
