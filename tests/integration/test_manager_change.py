"""Somebody's manager changes between two weeks: who gets which report, who may command, and what stays behind."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.commands import console
from reports.jobs import stages
from reports.jobs.demo import Demo
from reports.jobs.pipeline import Applied
from reports.sandbox.gitlab_access import reads_issue
from reports.sandbox.gitlab_edits import Editor
from reports.sandbox.gitlab_objects import GUEST, PLANNER, Issue
from tests.integration.gathered import GatheredDemos
from tests.integration.organisation import MONDAY, fresh_house, of, run

#: Karim reports to Petra Lindqvist, and to Olivia Hart from the Monday on which the report of W45 is published.
OLD, NEW = "plindqvist", "ohart"
OWN = "acme/support/1-1s/kaziz"


@pytest.fixture
def story(tmp_path: Path, gathered_demos: GatheredDemos) -> Iterator[Demo]:
    """The organisation with the change written down beforehand; two missed weeks in a row ask for a talk."""
    with gathered_demos.open(tmp_path / "demo", present=datetime(2026, 11, 2, 6, tzinfo=UTC), is_half=True) as demo:
        rewrite(demo, "rules.yml", "missed_weeks_for_follow_up: 4", "missed_weeks_for_follow_up: 2")
        team = (demo.house.config / "team.yml").read_text()
        (karim,) = re.findall(r"  - username: kaziz\n(?:    .*\n)+", team)
        rewrite(demo, "team.yml", karim, f"{karim}    changes: [{{from: 2026-11-09, reports_to: {NEW}}}]\n")
        yield demo


def rewrite(demo: Demo, name: str, old: str, new: str) -> None:
    path = demo.house.config / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def at(demo: Demo, moment: str) -> None:
    demo.world.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)


def replace_members(demo: Demo, project: str) -> None:
    """What a person does in GitLab on the day of the change."""
    gitlab = demo.sandbox.gitlab
    del gitlab.projects[project].members[gitlab.user(OLD).id]
    gitlab.add_member(project, NEW, PLANNER)


def issues(demo: Demo, project: str) -> list[Issue]:
    return list(demo.sandbox.gitlab.projects[project].issues.values())


def case(demo: Demo, manager: str) -> Issue:
    (found,) = issues(demo, f"acme/support/follow-ups/{manager}")
    return found


def team_issue(demo: Demo, name: str) -> str:
    """The newest team issue of a manager."""
    return [issue.description for issue in issues(demo, "acme/support/managers") if name in issue.title][-1]


def weeks_of(issue: Issue) -> list[str]:
    """The weeks of the table, newest first."""
    return re.findall(r"^\| (W\d\d) \|", issue.description.split("### Weeks")[1], flags=re.MULTILINE)


def say(demo: Demo, issue: Issue, who: str, text: str) -> None:
    gitlab = demo.sandbox.gitlab
    Editor(gitlab, gitlab.user(who), demo.world.now, demo.sandbox.gitlab_url).comment(issue, f"@support-reports {text}")


def listen(demo: Demo) -> Applied:
    house = fresh_house(demo)
    week = stages.latest_published(house, demo.week)
    assert week is not None
    return stages.listen(house, week, console.silent)[1]


def last_answer(demo: Demo, issue: Issue) -> str:
    bot = demo.sandbox.gitlab.user("support-reports-bot").id
    notes = [note.body for note in issue.notes if note.author_id == bot and not note.system]
    return re.sub(r"\s*<!--.*?-->", "", notes[-1])


def change(demo: Demo) -> Issue:
    """The week before the change, the change, and the first run after it; the new manager's first report."""
    run(demo, demo.week.plus(-2))
    at(demo, "2026-11-09 06:00")
    replace_members(demo, OWN)
    assert run(demo, demo.week.plus(-1)).planned.violations == ()
    return issues(demo, OWN)[-1]


# --- reports ----------------------------------------------------------------------------------------


def test_before_the_day__everything_is_as_it_was(story: Demo) -> None:
    outcome = run(story, story.week.plus(-2))

    (report,) = issues(story, OWN)
    assert outcome.planned.violations == ()
    assert "visible to you and Petra Lindqvist" in report.description
    assert weeks_of(report) == [f"W{n}" for n in range(44, 36, -1)]
    assert "Karim Aziz" in team_issue(story, "Petra")
    assert "Karim Aziz" not in team_issue(story, "Olivia")


def test_the_new_manager__gets_the_report_with_the_last_four_weeks_only(story: Demo) -> None:
    report = change(story)

    assert "visible to you and Olivia Hart" in report.description
    assert weeks_of(report) == ["W45", "W44", "W43", "W42"]
    assert "Weeks before W42 lie with the former manager: Olivia Hart was handed the goals" in report.description
    assert not re.findall(r"W(?:3\d|4[01])\b", report.description)
    assert "Karim Aziz" in team_issue(story, "Olivia")
    assert "Karim Aziz" not in team_issue(story, "Petra")


def test_the_goals__stay_agreed_and_are_judged_as_before(story: Demo) -> None:
    run(story, story.week.plus(-2))
    before = of(stages.judged(fresh_house(story), story.week.plus(-2)), "kaziz").weeks[-1].verdicts
    at(story, "2026-11-09 06:00")
    after = of(stages.judged(fresh_house(story), story.week.plus(-1)), "kaziz").weeks[-1].verdicts

    assert [verdict.goal for verdict in after] == [verdict.goal for verdict in before]
    assert not any(verdict.goal.is_draft for verdict in after)


def test_a_change_in_the_middle_of_a_week__hands_over_with_the_next_report(story: Demo) -> None:
    rewrite(story, "team.yml", "from: 2026-11-09, reports_to", "from: 2026-11-11, reports_to")
    run(story, story.week.plus(-2))
    at(story, "2026-11-09 06:00")
    run(story, story.week.plus(-1))
    at(story, "2026-11-11 06:00")
    replace_members(story, OWN)
    midweek = listen(story)
    at(story, "2026-11-16 06:00")
    run(story, story.week)

    reports = issues(story, OWN)
    assert (midweek.created, midweek.failures) == (0, ())
    assert ["Olivia Hart" in report.description for report in reports] == [False, False, True]
    assert weeks_of(reports[-1]) == ["W46", "W45", "W44", "W43", "W42"]
    assert len(issues(story, f"acme/support/follow-ups/{NEW}")) == 1


def test_while_the_former_manager_can_read_the_project__nothing_is_written_there(story: Demo) -> None:
    run(story, story.week.plus(-2))
    at(story, "2026-11-09 06:00")
    refused = run(story, story.week.plus(-1))
    written = len(issues(story, OWN))
    replace_members(story, OWN)
    run(story, story.week.plus(-1))

    assert [(v.project, v.reason) for v in refused.planned.violations] == [(OWN, "plindqvist (access level 15) could read it")]
    assert (written, len(issues(story, OWN))) == (1, 2)


def test_with_a_project_for_each_pair__the_new_manager_reads_none_of_the_older_issues(story: Demo) -> None:
    gitlab = story.sandbox.gitlab
    rewrite(story, "reports.yml", "1-1s/{username}", "1-1s/{manager_username}/{username}")
    for engineer in story.house.settings.team.engineers:
        for manager in {name for _, name in engineer.managers(MONDAY.date())}:
            project = f"acme/support/1-1s/{manager}/{engineer.username}"
            gitlab.add_project(project)
            gitlab.add_member(project, engineer.username, GUEST)
            gitlab.add_member(project, manager, PLANNER)
    run(story, story.week.plus(-2))
    (old,) = issues(story, f"acme/support/1-1s/{OLD}/kaziz")
    before = old.description
    at(story, "2026-11-09 06:00")

    outcome = run(story, story.week.plus(-1))
    say(story, old, "kaziz", "wrong new_tickets 2026-W45: two were merged")
    answered = listen(story).answered

    (new,) = issues(story, f"acme/support/1-1s/{NEW}/kaziz")
    assert (outcome.planned.violations, weeks_of(new)) == ((), ["W45", "W44", "W43", "W42"])
    assert (old.description, old.state) == (before, "opened")
    assert [reads_issue(gitlab, old, gitlab.user(name)) for name in (OLD, NEW, "kaziz")] == [True, False, True]
    assert [reads_issue(gitlab, new, gitlab.user(name)) for name in (OLD, NEW, "kaziz")] == [False, True, True]
    assert (answered, "disputed, until it is settled" in new.description) == (1, True)


# --- commands ---------------------------------------------------------------------------------------


def test_the_follow_up_of_the_former_manager__is_left_as_it_is_and_the_new_one_begins_anew(story: Demo) -> None:
    run(story, story.week.plus(-2))
    say(story, case(story, OLD), OLD, "discussed with @their-manager on 2026-11-02")
    listen(story)
    before, labels = case(story, OLD).description, list(case(story, OLD).labels)
    change(story)
    say(story, case(story, OLD), OLD, "no concern")

    outcome = listen(story)

    old, new = case(story, OLD), case(story, NEW)
    assert (old.description, old.labels, old.state, outcome.answered) == (before, labels, "opened", 0)
    assert "follow-up::open" in new.labels
    assert "What this tool understood" not in new.description
    assert set(re.findall(r"^\| (W\d\d) \|", new.description, flags=re.MULTILINE)) == {"W44", "W45"}
    assert "3 weeks in a row" in issues(story, OWN)[-1].description


def test_below_the_weekly_report__the_former_manager_commands_no_more_and_the_new_one_does(story: Demo) -> None:
    report = change(story)
    gitlab = story.sandbox.gitlab
    gitlab.add_member(OWN, OLD, GUEST)
    report.assignee_ids.append(gitlab.user(OLD).id)
    at(story, "2026-11-09 09:00")

    say(story, report, OLD, "excuse 2026-W45")
    report.assignee_ids.pop()
    listen(story)
    refused, unchanged = last_answer(story, report), "excused" not in report.description
    say(story, report, NEW, "excuse 2026-W45")
    listen(story)

    assert (refused, unchanged) == ("For Petra Lindqvist (plindqvist):\n\n- Not taken: I cannot take this from you here.", True)
    assert "excused" in report.description


def test_in_the_new_follow_up__only_the_new_manager_commands(story: Demo) -> None:
    change(story)
    place = f"acme/support/follow-ups/{NEW}"
    story.sandbox.gitlab.add_member(place, OLD, GUEST)
    case(story, NEW).assignee_ids.append(story.sandbox.gitlab.user(OLD).id)
    at(story, "2026-11-09 09:00")

    say(story, case(story, NEW), OLD, "no concern")
    case(story, NEW).assignee_ids.pop()
    listen(story)
    refused = last_answer(story, case(story, NEW))
    say(story, case(story, NEW), NEW, "no concern")
    listen(story)

    assert refused == "For Petra Lindqvist (plindqvist):\n\n- Not taken: I cannot take this from you here."
    assert case(story, NEW).state == "closed"
