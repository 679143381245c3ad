"""One follow-up from the run that opens it to its end, comment by comment, against the sandbox over real HTTP."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from reports.commands import console
from reports.jobs import stages
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.jobs.pipeline import Applied
from reports.sandbox.faults import failing, reset_after_write
from reports.sandbox.gitlab_edits import Editor
from reports.sandbox.gitlab_objects import GUEST, PLANNER, Issue, Note
from tests.integration.gathered import GatheredDemos
from tests.integration.organisation import fresh_house, issue_of, of, results, run
from tests.integration.test_command_line import at as in_a_process

#: The Monday after the last week of the story; the run of two that the rules ask for here ends two weeks before it.
LAST_MONDAY = datetime(2026, 11, 16, 6, tzinfo=UTC)
FOLLOW_UPS = "acme/support/follow-ups/plindqvist"


@pytest.fixture
def story(tmp_path: Path, gathered_demos: GatheredDemos) -> Iterator[Demo]:
    """The organisation two weeks before its last one, where two missed weeks in a row ask for a talk."""
    with gathered_demos.open(tmp_path / "demo", LAST_MONDAY, datetime(2026, 11, 2, 6, tzinfo=UTC), is_half=True) as demo:
        rules = demo.house.config / "rules.yml"
        rules.write_text(rules.read_text().replace("missed_weeks_for_follow_up: 4", "missed_weeks_for_follow_up: 2"))
        run(demo, demo.week.plus(-2))
        yield demo


def at(demo: Demo, moment: str) -> None:
    """Move the present to an instant of UTC."""
    demo.world.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)


def case(demo: Demo, manager: str = "plindqvist") -> Issue:
    """The only follow-up of a manager."""
    (found,) = demo.sandbox.gitlab.projects[f"acme/support/follow-ups/{manager}"].issues.values()
    return found


def say(demo: Demo, issue: Issue, who: str, text: str) -> Note:
    """Comment as a member."""
    gitlab = demo.sandbox.gitlab
    note = Editor(gitlab, gitlab.user(who), demo.world.now, demo.sandbox.gitlab_url).comment(issue, text).note
    assert note is not None
    return note


def listen(demo: Demo) -> Applied:
    """One hourly run as another process would do it."""
    house = fresh_house(demo)
    week = stages.latest_published(house, demo.week)
    assert week is not None
    return stages.listen(house, week, console.silent)[1]


def answers(demo: Demo, issue: Issue) -> list[str]:
    """What the bot has said below an issue, without its hidden lines."""
    bot = demo.sandbox.gitlab.user("support-reports-bot").id
    notes = [note.body for note in issue.notes if note.author_id == bot and not note.system]
    return [re.sub(r"\s*<!--.*?-->", "", body) for body in notes]


def last_answer(demo: Demo, issue: Issue) -> str:
    return answers(demo, issue)[-1]


def command(demo: Demo, text: str, moment: str, who: str = "plindqvist") -> str:
    """Comment below the follow-up and listen; the bot's answer."""
    at(demo, moment)
    say(demo, case(demo), who, f"@support-reports {text}")
    assert listen(demo).answered == 1
    return last_answer(demo, case(demo))


# --- the whole path ---------------------------------------------------------------------------------


def test_a_run_of_missed_weeks__opens_one_confidential_issue_for_the_manager(story: Demo) -> None:
    issue = case(story)
    assignees = [story.sandbox.gitlab.users[user_id].username for user_id in issue.assignee_ids]

    assert (issue.confidential, assignees, str(issue.due_date)) == (True, ["plindqvist"], "2026-11-09")
    assert {"support-reports", "follow-up", "follow-up::open"} == set(issue.labels)
    assert "Karim" not in issue.title
    assert "Please make time for a talk with Karim Aziz by Mon 9 Nov" in issue.description
    assert "This is not a warning" in issue.description
    assert run(story, story.week.plus(-2)).applied.created == 0


def test_the_whole_path__from_the_talk_to_a_plan_that_was_met(story: Demo) -> None:
    assert "First comes the talk" in command(story, "conversation held on 2026-11-02", "2026-11-02 09:00")
    assert case(story).labels.count("follow-up::open") == 1

    command(story, "discussed with @their-manager on 2026-11-02", "2026-11-02 10:00")
    assert "follow-up::discussed" in case(story).labels
    assert "follow-up::open" not in case(story).labels

    command(story, "informed team member relations", "2026-11-02 11:00")
    assert "follow-up::informed" in case(story).labels
    assert "First comes the conversation" in command(story, "plan from 2026-11-02: new_tickets 2", "2026-11-02 11:30")

    command(story, "conversation held on 2026-11-02", "2026-11-02 15:00")
    command(story, "plan from 2026-11-02: new_tickets 2, pairing_sessions 1", "2026-11-02 16:00")
    assert "follow-up::action-plan" in case(story).labels
    assert "0 of 2 counted weeks have passed" in case(story).description

    at(story, "2026-11-09 06:00")
    run(story, story.week.plus(-1))
    assert "1 of 2 counted weeks have passed" in case(story).description
    assert listen(story).answered == 0

    at(story, "2026-11-16 06:00")
    run(story, story.week)
    said_before = len(answers(story, case(story)))
    assert listen(story).answered == 1
    assert "The action plan has had its 2 counted weeks" in last_answer(story, case(story))
    assert "this tool decides nothing" in last_answer(story, case(story))
    assert listen(story).answered == 0
    assert len(answers(story, case(story))) == said_before + 1

    assert "counted anew" in command(story, "plan met", "2026-11-17 10:00")
    assert case(story).state == "closed"
    assert "follow-up::plan-met" in case(story).labels

    run(story, story.week)
    assert of(results(story), "kaziz").weeks[-1].missed_run_length == 4
    assert len(story.sandbox.gitlab.projects[FOLLOW_UPS].issues) == 1


def test_a_plan_that_was_not_met__closes_nothing_and_offers_the_next_step_as_text(story: Demo) -> None:
    command(story, "discussed with @their-manager on 2026-11-02", "2026-11-02 10:00")
    command(story, "conversation held on 2026-11-02", "2026-11-02 11:00")
    command(story, "plan from 2026-11-02: new_tickets 2", "2026-11-02 12:00")

    answer = command(story, "plan not met", "2026-11-17 10:00")

    assert "Nothing happens by itself" in answer
    assert case(story).state == "opened"
    assert "follow-up::plan-not-met" in case(story).labels


def test_a_plan_that_was_not_met__stays_open_when_the_next_follow_up_begins(story: Demo) -> None:
    command(story, "discussed with @their-manager on 2026-11-01", "2026-11-01 10:00")
    command(story, "conversation held on 2026-11-01", "2026-11-01 11:00")
    command(story, "plan from 2026-11-02: new_tickets 2", "2026-11-01 12:00")
    command(story, "plan not met", "2026-11-01 13:00")

    at(story, "2026-11-16 06:00")
    run(story, story.week)

    followed = story.sandbox.gitlab.projects[FOLLOW_UPS].issues.values()
    assert [(issue.title, issue.state) for issue in followed] == [
        ("Follow-up from 2026-W44", "opened"),
        ("Follow-up from 2026-W46", "opened"),
    ]


def test_another_plan_from_the_same_day__has_its_facts_posted_as_well(story: Demo) -> None:
    command(story, "discussed with @their-manager on 2026-11-02", "2026-11-02 10:00")
    command(story, "conversation held on 2026-11-02", "2026-11-02 11:00")
    command(story, "plan from 2026-11-02: new_tickets 2", "2026-11-02 12:00")
    for moment, week in (("2026-11-09 06:00", -1), ("2026-11-16 06:00", 0)):
        at(story, moment)
        run(story, story.week.plus(week))
    first = listen(story).answered

    at(story, "2026-11-16 12:00")
    say(story, case(story), "plindqvist", "@support-reports plan from 2026-11-02: pairing_sessions 1")
    second, third = listen(story).answered, listen(story).answered

    assert (first, second, third) == (1, 2, 0)
    assert "The action plan has had its 2 counted weeks" in last_answer(story, case(story))


def test_no_concern__closes_the_issue_and_reopen_opens_it(story: Demo) -> None:
    command(story, "no concern", "2026-11-02 10:00")
    assert case(story).state == "closed"

    command(story, "reopen", "2026-11-02 12:00")

    assert (case(story).state, "follow-up::open" in case(story).labels) == ("opened", True)


def test_after_a_follow_up_has_ended__missed_weeks_are_counted_anew(story: Demo) -> None:
    command(story, "no concern", "2026-11-01 10:00")

    at(story, "2026-11-16 06:00")
    run(story, story.week)

    lengths = [week.missed_run_length for week in of(results(story), "kaziz").weeks[-4:]]
    assert lengths == [1, 2, 1, 2]
    assert len(story.sandbox.gitlab.projects[FOLLOW_UPS].issues) == 2


def test_a_pause__shows_and_ends_by_itself(story: Demo) -> None:
    command(story, "pause until 2026-11-05", "2026-11-02 10:00")
    assert "follow-up::paused" in case(story).labels

    at(story, "2026-11-05 06:00")
    listen(story)

    assert {label for label in case(story).labels if "::" in label} == {"follow-up::open"}


# --- weeks that people take out -----------------------------------------------------------------------


def test_an_excused_week__is_not_assessed_in_the_engineers_report_and_says_no_reason(story: Demo) -> None:
    command(story, "excuse 2026-W44", "2026-11-02 10:00")

    report = issue_of(story, "kaziz").description
    row = next(line for line in report.splitlines() if line.startswith("| W44 "))
    assert "not assessed" in row
    assert "excused" in row
    assert "**Run of missed weeks:** 1 of 2" in report
    assert "not assessed, excused" in case(story).description


def test_a_disputed_number__does_not_count_until_the_manager_settles_it(story: Demo) -> None:
    weekly = issue_of(story, "kaziz")
    at(story, "2026-11-02 09:00")
    say(story, weekly, "kaziz", "wrong new_tickets 2026-W44: three were merged\nwrong pairing_sessions 2026-W44: on the phone")
    listen(story)
    disputed = weekly.description
    command(story, "settle new_tickets 2026-W44", "2026-11-02 11:00")

    assert "**Run of missed weeks:** 1 of 2" in disputed
    assert "disputed, until it is settled" in disputed
    assert "three were merged" not in disputed
    assert "**Run of missed weeks:** 2 weeks in a row" in weekly.description


def test_fewer_days__count_in_the_engineers_favour(story: Demo) -> None:
    weekly = issue_of(story, "kaziz")
    at(story, "2026-11-02 09:00")
    say(story, weekly, "kaziz", "available 0")

    listen(story)

    assert "**Run of missed weeks:** 1 of 2" in weekly.description


# --- once, and only from the right people -------------------------------------------------------------


def test_each_comment__is_answered_once_with_an_emoji_and_a_note(story: Demo) -> None:
    at(story, "2026-11-02 10:00")
    note = say(story, case(story), "plindqvist", "@support-reports discussed with @their-manager on 2026-11-02")

    first, second = listen(story), listen(story)

    assert (first.answered, second.answered, second.updated) == (1, 0, 0)
    assert [award.name for award in note.awards] == ["white_check_mark"]
    assert len(answers(story, case(story))) == 1


def test_an_answer_that_was_posted_but_not_confirmed__is_not_posted_again(story: Demo) -> None:
    at(story, "2026-11-02 10:00")
    say(story, case(story), "plindqvist", "@support-reports help")
    story.sandbox.faults.add(reset_after_write("/notes$", method="POST", first=1))

    first, second = listen(story), listen(story)

    assert (first.failures, first.answered, second.answered) == ((), 1, 0)
    assert len(answers(story, case(story))) == 1


@pytest.mark.parametrize(
    ("text", "state", "label"),
    [("no concern", "closed", "no-concern"), ("discussed with @their-manager on 2026-11-02", "opened", "discussed")],
)
def test_what_could_not_be_done__is_not_answered_and_the_next_run_does_both(
    story: Demo, text: str, state: str, label: str
) -> None:
    at(story, "2026-11-02 10:00")
    say(story, case(story), "plindqvist", f"@support-reports {text}")
    story.sandbox.faults.add(failing("/issues/[0-9]+$", method="PUT", status=502, count=None))
    first, before = listen(story), answers(story, case(story))
    story.sandbox.faults.clear()
    second = listen(story)

    assert (first.answered, len(first.failures) > 0, before) == (0, True, [])
    assert (second.answered, second.failures, case(story).state) == (1, (), state)
    assert f"follow-up::{label}" in case(story).labels


def test_a_weekly_report_that_could_not_be_written__leaves_the_comment_unanswered(story: Demo) -> None:
    at(story, "2026-11-02 10:00")
    say(story, case(story), "plindqvist", "@support-reports excuse 2026-W44")
    story.sandbox.faults.add(failing("/issues/[0-9]+$", method="PUT", status=502, count=None))
    first = listen(story)
    story.sandbox.faults.clear()
    second = listen(story)

    assert (first.answered, second.answered) == (0, 1)
    assert "**Run of missed weeks:** 1 of 2" in issue_of(story, "kaziz").description


def test_after_the_store_is_lost__nothing_is_answered_twice_and_the_state_is_the_same(story: Demo) -> None:
    command(story, "discussed with @their-manager on 2026-11-02", "2026-11-02 10:00")
    (fresh_house(story).store_folder / "runs" / "heard.json").unlink()

    assert listen(story).answered == 0
    assert "follow-up::discussed" in case(story).labels


def test_a_runner_whose_clock_is_ahead__misses_no_comment(story: Demo) -> None:
    here = story.world.now
    at(story, "2026-12-20 06:00")
    listen(story)
    at(story, str(here + timedelta(hours=1))[:16])

    say(story, case(story), "plindqvist", "@support-reports help")

    at(story, "2026-12-20 07:00")
    assert listen(story).answered == 1


def test_somebody_else__is_refused_without_detail(story: Demo) -> None:
    gitlab = story.sandbox.gitlab
    gitlab.add_member(FOLLOW_UPS, "iduarte", GUEST)
    case(story).assignee_ids.append(gitlab.user("iduarte").id)
    at(story, "2026-11-02 10:00")
    note = say(story, case(story), "iduarte", "@support-reports no concern")
    case(story).assignee_ids.pop()

    outcome = listen(story)

    assert outcome.answered == 1
    assert last_answer(story, case(story)) == "For Ines Duarte (iduarte):\n\n- Not taken: I cannot take this from you here."
    assert [award.name for award in note.awards] == ["question"]
    assert case(story).state == "opened"


def test_whom_the_manager_allows__may_command_and_read(story: Demo) -> None:
    story.sandbox.gitlab.add_member(FOLLOW_UPS, "ohart", PLANNER)
    command(story, "allow @ohart", "2026-11-02 10:00")

    command(story, "no concern", "2026-11-02 11:00", who="ohart")

    assert case(story).state == "closed"


def test_somebody_who_could_read_the_case__stops_every_write_to_it(story: Demo) -> None:
    story.sandbox.gitlab.add_member(FOLLOW_UPS, "ohart", PLANNER)
    at(story, "2026-11-02 10:00")
    say(story, case(story), "plindqvist", "@support-reports help")
    before = case(story).description

    planned, applied = stages.listen(fresh_house(story), story.week.plus(-2), console.silent)

    assert applied.answered == 0
    assert [v.reason for v in planned.violations] == ["ohart (access level 15) could read it"]
    assert case(story).description == before


def test_what_cannot_be_answered__does_not_count_until_it_can(story: Demo) -> None:
    story.sandbox.gitlab.add_member(FOLLOW_UPS, "ohart", PLANNER)
    at(story, "2026-11-02 10:00")
    say(story, case(story), "plindqvist", "@support-reports excuse 2026-W44")
    run_of_missed = "**Run of missed weeks:** {}".format

    planned, refused = stages.listen(fresh_house(story), story.week.plus(-2), console.silent)
    run(story, story.week.plus(-2))
    before = issue_of(story, "kaziz").description
    project = story.sandbox.gitlab.projects[FOLLOW_UPS]
    del project.members[story.sandbox.gitlab.user("ohart").id]
    answered = listen(story).answered

    assert ([v.reason for v in planned.violations], refused.answered) == (["ohart (access level 15) could read it"], 0)
    assert run_of_missed("2 weeks in a row") in before
    assert (answered, run_of_missed("1 of 2") in issue_of(story, "kaziz").description) == (1, True)


def test_an_assignee_whom_somebody_added_by_hand__stops_every_write_to_the_case(story: Demo) -> None:
    gitlab = story.sandbox.gitlab
    gitlab.add_member(FOLLOW_UPS, "iduarte", GUEST)
    case(story).assignee_ids.append(gitlab.user("iduarte").id)
    at(story, "2026-11-02 10:00")
    say(story, case(story), "plindqvist", "@support-reports discussed with @their-manager on 2026-11-02")
    before = case(story).description

    planned, applied = stages.listen(fresh_house(story), story.week.plus(-2), console.silent)

    assert [v.reason for v in planned.violations] == ["its assignee iduarte could read it"]
    assert (applied.answered, case(story).description) == (0, before)


def test_the_log_of_a_run__does_not_tell_whose_follow_up_it_is(story: Demo) -> None:
    story.sandbox.gitlab.add_member(FOLLOW_UPS, "ohart", PLANNER)
    at(story, "2026-11-02 10:00")
    say(story, case(story), "plindqvist", "@support-reports help")

    done = in_a_process(story, "listen", "--week", story.week.plus(-2), environment=ENVIRONMENT | {"CI": "true"})

    log = done.stdout + done.stderr
    assert "follow_up in acme/support/follow-ups/[somebody]: [somebody] (access level 15) could read it" in log
    assert re.findall("kaziz|Karim|plindqvist|ohart", log) == []


def test_an_edited_or_deleted_comment__is_reported_once_and_not_obeyed(story: Demo) -> None:
    at(story, "2026-11-02 10:00")
    note = say(story, case(story), "plindqvist", "@support-reports discussed with @their-manager on 2026-11-02")
    listen(story)
    note.body = "@support-reports no concern"
    edited, again = listen(story), listen(story)
    case(story).notes.remove(note)
    deleted, at_last = listen(story), listen(story)

    assert (edited.answered, again.answered, deleted.answered, at_last.answered) == (1, 0, 1, 0)
    assert "was edited or deleted" in last_answer(story, case(story))
    assert (case(story).state, "follow-up::discussed" in case(story).labels) == ("opened", True)


def test_a_new_manager__gets_an_issue_of_their_own_and_nothing_of_the_old_one(story: Demo) -> None:
    command(story, "discussed with @their-manager on 2026-11-02", "2026-11-02 10:00")
    old = case(story).description
    team = story.house.config / "team.yml"
    before, name, after = team.read_text().partition("username: kaziz")
    dated = "reports_to: plindqvist\n    changes: [{from: 2026-11-09, reports_to: ohart}]"
    team.write_text(before + name + after.replace("reports_to: plindqvist", dated, 1))
    gitlab = story.sandbox.gitlab
    gitlab.add_member("acme/support/1-1s/kaziz", "ohart", PLANNER)

    at(story, "2026-11-09 06:00")
    run(story, story.week.plus(-1))

    assert "discussed" not in " ".join(case(story, "ohart").labels)
    assert "What this tool understood" not in case(story, "ohart").description
    assert case(story).description == old


# --- markers that people edit -------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["engineer_weekly", "engineer_weekly/kaziz/2026-W99", "engineer_weekly/iduarte/2026-W44"])
def test_an_engineer_who_edits_the_marker_of_their_issue__stops_and_changes_nothing_for_anybody(story: Demo, key: str) -> None:
    weekly = issue_of(story, "kaziz")
    weekly.description = re.sub(r"key=\S+", f"key={key}", weekly.description)
    at(story, "2026-11-02 10:00")
    say(story, weekly, "plindqvist", "@support-reports excuse 2026-W43")
    say(story, case(story), "plindqvist", "@support-reports help")

    answered = listen(story).answered
    at(story, "2026-11-09 06:00")
    outcome = run(story, story.week.plus(-1))

    assert (answered, outcome.applied.failures) == (1, ())
    assert "excused" not in issue_of(story, "iduarte").description


# --- in a browser -------------------------------------------------------------------------------------


def test_through_the_page_in_a_browser__the_manager_comments_and_reads_what_was_understood(story: Demo) -> None:
    url = f"{story.sandbox.gitlab_url}/{FOLLOW_UPS}/-/issues/1"
    with requests.Session() as browser:
        browser.get(f"{story.sandbox.gitlab_url}/-/view_as?user=plindqvist", timeout=10)
        at(story, "2026-11-02 10:00")
        browser.post(f"{url}/comments", data={"body": "@support-reports no concern"}, timeout=10)
        listen(story)
        page = browser.get(url, timeout=10).text

    assert "Understood" in page
    assert "support-reports heard" not in re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL)
    assert case(story).state == "closed"
