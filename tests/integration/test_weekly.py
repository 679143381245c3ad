"""The weekly job from end to end against the sandbox, over real HTTP."""

import html
import re
from collections import Counter
from datetime import UTC, datetime
from math import ceil

import pytest
import requests

from reports.commands import console
from reports.core.judgement import Status
from reports.core.publication import block_of
from reports.core.weeks import week_window
from reports.errors import PublishError
from reports.jobs import stages
from reports.jobs.demo import Demo, DemoOptions, open_demo, run_weekly
from reports.jobs.stages import Outcome
from reports.sandbox.faults import failing, reset_after_write
from reports.sandbox.gitlab_access import reads_issue
from reports.sandbox.gitlab_objects import GUEST, REPORTER
from reports.sandbox.zendesk_state import Comment
from tests.integration.organisation import EXAMPLE, MERGE_REQUESTS, MONDAY, fresh_house, issue_of, of, reports, results, run

Published = tuple[Demo, Outcome]

WEEKLY_REPORTS = 24 + 4 + 1 + 1
"""A weekly issue for each engineer, one for each manager, that of the service, and the digest."""
EVERYTHING = WEEKLY_REPORTS + 1
"""And the one follow-up of the story."""


# --- once -----------------------------------------------------------------------------------------


def test_first_run__opens_one_issue_for_everyone_and_the_second_writes_nothing(demo: Demo) -> None:
    first = run_weekly(demo, console.silent)
    second = run_weekly(demo, console.silent)

    assert (first.created, first.updated, first.closed, first.writes) == (EVERYTHING, 0, 0, EVERYTHING)
    assert (second.created, second.updated, second.closed, second.unchanged, second.writes) == (0, 0, 0, EVERYTHING, 0)
    assert len(reports(demo)) == EVERYTHING


def test_weekly_run__needs_few_more_reads_than_the_pages_that_zendesk_makes_of_it(demo: Demo) -> None:
    zendesk = demo.sandbox.zendesk
    exported = (zendesk.tickets, zendesk.updates.rows(), zendesk.metric_events.rows())
    lists_and_token = 13

    first = run_weekly(demo, console.silent)

    # Ten of them are the histories of the five attention requests, which GitLab gives one by one only.
    assert first.requests["gitlab"] - first.writes <= 40
    pages = sum(ceil(len(rows) / 1000) for rows in exported) + ceil(len(zendesk.promises.ratings) / 100)
    assert first.requests["zendesk"] <= pages + lists_and_token


def test_next_week__closes_last_weeks_issues_when_the_new_ones_open(gathered: Demo) -> None:
    run(gathered, gathered.week.plus(-1))

    outcome = run(gathered)

    assert (outcome.applied.created, outcome.applied.closed) == (EVERYTHING, WEEKLY_REPORTS)
    states = Counter(issue.state for issue in reports(gathered).values())
    assert states == {"opened": EVERYTHING, "closed": WEEKLY_REPORTS}


def test_an_older_week_run_again__closes_nothing_newer(demo: Demo) -> None:
    run(demo)

    outcome = run(demo, demo.week.plus(-1))

    assert (outcome.applied.created, outcome.applied.closed) == (WEEKLY_REPORTS, 0)


def test_an_answer_lost_after_the_write__leads_to_no_second_issue(gathered: Demo) -> None:
    gathered.sandbox.faults.add(reset_after_write("/issues", method="POST", first=3))

    first = run(gathered)
    second = run(gathered)

    assert (first.applied.created, first.applied.failures) == (EVERYTHING, ())
    assert (second.applied.created, second.applied.unchanged) == (0, EVERYTHING)
    assert len(reports(gathered)) == EVERYTHING


def test_a_deleted_issue__is_opened_again(gathered: Demo) -> None:
    run(gathered)
    gathered.sandbox.gitlab.projects["acme/support/1-1s/iduarte"].issues.clear()

    assert run(gathered).applied.created == 1


def test_words_of_people__stay_when_the_report_is_updated(gathered: Demo) -> None:
    run(gathered)
    issue = issue_of(gathered, "iduarte")
    stale = re.sub(r"digest=[0-9a-f]{16}", "digest=0000000000000000", issue.description)
    issue.description = f"I was at a conference on Thursday.\n\n{stale}\n\nThanks, Ines"

    outcome = run(gathered)

    assert outcome.applied.updated == 1
    assert issue.description.startswith("I was at a conference on Thursday.\n\n")
    assert issue.description.endswith("\n\nThanks, Ines")


def test_an_issue_that_a_person_closed__stays_closed(gathered: Demo) -> None:
    run(gathered)
    issue_of(gathered, "iduarte").state = "closed"

    assert run(gathered).applied.unchanged == EVERYTHING


# --- right ----------------------------------------------------------------------------------------


def test_comment_counts__equal_those_of_zendesks_own_state(published: Published) -> None:
    demo, _ = published
    window = week_window(demo.week, demo.house.plan.zone)
    people = {e.zendesk_id: e.username for e in demo.house.plan.team.engineers if e.zendesk_id is not None}
    counted: Counter[tuple[str, bool]] = Counter()
    for update in demo.sandbox.zendesk.updates.rows():
        if window.contains(datetime.fromtimestamp(update.at, UTC)) and update.updater_id in people:
            for child in update.children:
                if isinstance(child, Comment):
                    counted[people[update.updater_id], child.public] += 1

    judged = results(demo)
    for username in people.values():
        history = of(judged, username).history
        assert history["public_comments"][-1].value == counted[username, True]
        assert history["internal_notes"][-1].value == counted[username, False]
    assert sum(counted.values()) > 400


def test_merge_request_counts__equal_those_of_gitlabs_own_state(published: Published) -> None:
    demo, _ = published
    window = week_window(demo.week, demo.house.plan.zone)
    gitlab = demo.sandbox.gitlab
    judged = results(demo)
    totals: Counter[str] = Counter()
    for engineer in demo.house.plan.team.engineers:
        merged = [
            mr
            for mr in gitlab.merge_requests_of(gitlab.user(engineer.username).id)
            if mr.merged_at and window.contains(mr.merged_at)
        ]
        product = [mr for mr in merged if mr.project.path.startswith("gitlab-org/")]
        expected = {
            "docs_updates": sum("documentation" in mr.labels for mr in product),
            "support_contributions": sum("Support Team Contributions" in mr.labels for mr in product),
            "handbook_updates": sum(mr.project.path == "gitlab-com/handbook" for mr in merged),
            "training_updates": sum(mr.project.path == "acme/support/support-training" for mr in merged),
        }
        history = of(judged, engineer.username).history
        assert {name: history[name][-1].value for name in expected} == expected
        totals.update(expected)
    assert all(totals[name] > 0 for name in ("docs_updates", "support_contributions"))


STORIES = {
    "ble": "long leave",
    "kaziz": "four missed weeks",
    "tbaker": "no Zendesk id",
    "pjanssen": "draft goals",
    "znovak": "new joiner",
    "vcruz": "on call",
}


def test_stories__can_be_found(published: Published) -> None:
    demo, _ = published
    judged = results(demo)
    last = {username: of(judged, username).weeks[-1] for username in STORIES}

    assert [of(judged, "ble").weeks[n].capacity.uncounted for n in range(7)] == ["away"] * 7
    assert [week.status for week in of(judged, "kaziz").weeks[-4:]] == [Status.NOT_MET] * 4
    assert (last["kaziz"].missed_run_length, last["tbaker"].status) == (4, Status.NO_DATA)
    assert {v.status for v in last["pjanssen"].verdicts} == {Status.NOT_ASSESSED}
    assert (last["znovak"].capacity.uncounted, last["vcruz"].capacity.uncounted) == ("onboarding", "on call")
    assert [week.capacity.working_days for week in of(judged, "mneri").weeks] == [4.0] * 12
    assert of(judged, "jbeck").weeks[-1].capacity.labels == ("account escalation",)


def test_runs_of_four__are_only_the_one_of_the_story(published: Published) -> None:
    demo, _ = published

    reached = [own.username for own in results(demo).engineers if own.weeks[-1].missed_run_length >= 4]

    assert reached == ["kaziz"]


@pytest.mark.skipif(not MERGE_REQUESTS.exists(), reason=f"the real merge requests are not at {MERGE_REQUESTS}")
def test_real_merge_requests__show_in_the_reports(demo: Demo) -> None:
    folder = demo.house.store_folder.parent.parent / "real"
    options = DemoOptions(example=EXAMPLE, folder=folder, now=MONDAY, merge_requests=MERGE_REQUESTS)
    with open_demo(options) as real:
        outcome = stages.weekly(real.house, real.week, console.silent)
        digest = next(iter(real.sandbox.gitlab.projects["acme/support/support-team-meta"].issues.values())).description

    weekly = [issue.key for issue in outcome.planned.desired if not issue.key.startswith("follow_up/")]
    assert str(real.week) == "2026-W33"
    assert len(weekly) == WEEKLY_REPORTS
    assert outcome.applied.created == len(outcome.planned.desired)
    assert digest.count("gitlab-org/gitlab-runner") > 5


# --- no data is not zero --------------------------------------------------------------------------


def test_a_source_that_is_down__makes_its_measures_no_data_and_nobody_misses_a_goal_by_it(demo: Demo) -> None:
    demo.sandbox.faults.add(failing("/incremental/ticket_events", status=403, count=None))

    outcome = run(demo)
    judged = results(demo)

    assert [gap.partition(":")[0] for gap in outcome.gathered.gaps] == ["zendesk.ticket_events"]
    assert outcome.applied.created == EVERYTHING
    for own in judged.engineers:
        assert own.history["new_tickets"][-1].value is None
        ticket_verdicts = [v for week in own.weeks for v in week.verdicts if v.goal.measure == "new_tickets"]
        assert {v.status for v in ticket_verdicts} <= {Status.NO_DATA, Status.NOT_ASSESSED}
    body = issue_of(demo, "iduarte").description
    assert "no data" in body


def test_somebody_gitlab_does_not_know__has_no_data_and_misses_nothing(demo: Demo) -> None:
    team = demo.house.config / "team.yml"
    team.write_text(team.read_text(encoding="utf-8").replace("dmalik", "dmalick"), encoding="utf-8")
    for name in ("goals.yml", "context.yml"):
        path = demo.house.config / name
        path.write_text(path.read_text(encoding="utf-8").replace("dmalik", "dmalick"), encoding="utf-8")
    demo.sandbox.gitlab.add_project("acme/support/1-1s/dmalick")

    run(demo)
    own = of(results(demo), "dmalick")

    assert own.history["pairing_sessions"][-1].missing == "gitlab has no account named dmalick"
    assert own.history["new_tickets"][-1].value is not None
    assert own.weeks[-1].status is Status.NO_DATA
    assert own.weeks[-1].missed_run_length == 0


def test_a_source_that_is_well_again__fills_the_gap_with_the_next_run(demo: Demo) -> None:
    demo.sandbox.faults.add(failing("/incremental/ticket_events", status=403, count=1))
    run(demo)

    outcome = run(demo)

    assert outcome.gathered.gaps == ()
    assert outcome.applied.updated > 20
    assert of(results(demo), "iduarte").history["new_tickets"][-1].value is not None


def test_late_data_for_a_published_week__is_marked_beside_the_old_number_and_the_verdict_stands(gathered: Demo) -> None:
    run(gathered)
    before = of(results(gathered), "iduarte").weeks[-1]
    gitlab = gathered.sandbox.gitlab
    docs = [mr for mr in gitlab.merge_requests_of(gitlab.user("iduarte").id) if "documentation" in mr.labels]
    late = max((mr for mr in docs if mr.merged_at), key=lambda mr: mr.merged_at or MONDAY)
    late.labels.remove("documentation")
    late.updated_at = gathered.world.now

    outcome = run(gathered)
    after = of(results(gathered), "iduarte").weeks[-1]

    assert (before.status, after.status) == (Status.MET, Status.MET)
    assert after.verdicts == before.verdicts
    assert [(r.measure, r.published.value, r.now.value) for r in after.restated] == [("docs_updates", 3, 2)]
    assert outcome.applied.updated == 3  # the report, the team's sum and the digest's labels
    assert "Changed since these weeks were published" in issue_of(gathered, "iduarte").description


# --- private and harmless -------------------------------------------------------------------------


def test_weekly_issue__is_read_by_engineer_manager_and_bot_alone(published: Published) -> None:
    demo, _ = published
    gitlab = demo.sandbox.gitlab

    readers = {user.username for user in gitlab.users.values() if reads_issue(gitlab, issue_of(demo, "iduarte"), user)}

    assert readers == {"iduarte", "plindqvist", "support-reports-bot"}


def test_team_issue__leads_to_everyones_report_of_the_week_and_to_the_managers_own_follow_ups(published: Published) -> None:
    demo, _ = published
    petra = demo.sandbox.gitlab.user("plindqvist").id
    pages_of_managers = demo.sandbox.gitlab.projects["acme/support/managers"].issues.values()
    text = next(html.unescape(issue.description) for issue in pages_of_managers if petra in issue.assignee_ids)
    links = re.findall(r"\]\((http[^)]*/-/issues[^)]*)\)", text)

    pages = {link: requests.get(link, cookies={"view_as": "plindqvist"}, timeout=10).text for link in links}

    weekly = [page for link, page in pages.items() if "/1-1s/" in link]
    assert len(weekly) == len(demo.house.plan.team.reports_of("plindqvist", demo.week.report_day))
    assert all(page.count("Weekly report 2026-W46") for page in weekly)
    assert [page for link, page in pages.items() if "/follow-ups/plindqvist/" in link and "Follow-up from 2026-W46" in page]


def test_weekly_issue__says_that_a_follow_up_was_opened(published: Published) -> None:
    demo, _ = published

    assert "A confidential follow-up issue for your manager goes with this report" in issue_of(demo, "kaziz").description
    assert "Nothing of it leaves this page." not in issue_of(demo, "kaziz").description
    assert "Nothing of it leaves this page." in issue_of(demo, "iduarte").description


def test_team_issue__is_read_by_managers_and_the_bot_alone(published: Published) -> None:
    demo, _ = published
    gitlab = demo.sandbox.gitlab
    managers = {manager.username for manager in demo.house.plan.team.managers}

    for issue in gitlab.projects["acme/support/managers"].issues.values():
        readers = {user.username for user in gitlab.users.values() if reads_issue(gitlab, issue, user)}
        assert readers == managers | {"support-reports-bot"}


def test_a_colleague_with_a_role_that_reads__is_named_and_the_issue_is_not_written(gathered: Demo) -> None:
    gathered.sandbox.gitlab.add_member("acme/support/1-1s/iduarte", "jbeck", REPORTER)
    gathered.sandbox.gitlab.add_member("acme/support/1-1s/kaziz", "jbeck", GUEST)

    outcome = run(gathered)

    assert [(v.project, v.reason) for v in outcome.planned.violations] == [
        ("acme/support/1-1s/iduarte", "jbeck (access level 20) could read it")
    ]
    assert outcome.applied.created == EVERYTHING - 1
    assert gathered.sandbox.gitlab.projects["acme/support/1-1s/iduarte"].issues == {}


def test_published_text__mentions_nobody_and_runs_no_command(published: Published) -> None:
    demo, _ = published

    assert demo.sandbox.gitlab.mentions == []
    for issue in reports(demo).values():
        assert issue.state == "opened"
        assert "support-reports" in issue.labels


def test_published_text__refers_only_to_the_work_it_links_to(published: Published) -> None:
    demo, _ = published
    judged = results(demo)
    linked = {row.url for own in judged.engineers for row in own.evidence} | {c.url for c in judged.contributions}
    on_gitlab = {url.removeprefix(f"{demo.sandbox.gitlab_url}/") for url in linked}
    targets = {re.sub(r"/-/(merge_requests|issues)/", lambda kind: "!#"["issues" in kind[0]], url) for url in on_gitlab}

    assert {reference.target for reference in demo.sandbox.gitlab.cross_references} <= targets


def traces(demo: Demo) -> dict[str, int]:
    """How many "mentioned in" notes each kind of report has left, by the place it lies in."""
    places = ("1-1s", "follow-ups", "managers", "support-team-meta")
    found = [reference.where for reference in demo.sandbox.gitlab.cross_references]
    return {place: sum(f"/{place}" in where for where in found) for place in places}


def test_links_of_personal_reports__leave_no_trace_and_those_of_the_digest_do(published: Published) -> None:
    demo, outcome = published
    body = issue_of(demo, "iduarte").description

    left = traces(demo)

    assert (left["1-1s"], left["follow-ups"], left["managers"]) == (0, 0, 0)
    assert left["support-team-meta"] > 10
    assert outcome.applied.created == EVERYTHING
    assert re.search(
        r"\]\([^)]*/-/merge_requests\?scope=all&amp;state=all&amp;search=%23\d+\) \(gitlab-org/[a-z-]+, merge request", body
    )
    assert "/agent/tickets/" in body


def test_links_without_a_trace__lead_to_the_list_that_holds_the_thing_alone(published: Published) -> None:
    demo, _ = published
    body = html.unescape(issue_of(demo, "iduarte").description)
    links = re.findall(r"\[([^\]]+)\]\((http[^)]*/-/(?:issues|merge_requests)\?scope=all&state=all&search=%23(\d+))\)", body)

    assert len(links) > 3
    for title, link, number in links:
        page = requests.get(link, cookies={"view_as": "iduarte"}, timeout=10).text
        assert re.findall(r'class="title" href="[^"]*/(\d+)"', page) == [number], title


def test_links_that_may_leave_traces__do_where_the_configuration_says_so(gathered: Demo) -> None:
    config = gathered.house.config / "reports.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("    privacy: P3\n", "    privacy: P3\n    links_leave_traces: true\n"), encoding="utf-8")

    run(gathered)

    left = traces(gathered)
    assert left["1-1s"] > 10
    assert left["follow-ups"] == 0


def test_customer_text__reaches_neither_store_nor_issues(published: Published) -> None:
    demo, _ = published
    planted = [ticket for ticket in demo.sandbox.zendesk.tickets.values() if "CANARY" in ticket.subject]
    files = [path for path in demo.house.store_folder.rglob("*") if path.is_file()]

    assert len(planted) > 1000
    assert not [path for path in files if b"CANARY" in path.read_bytes()]
    assert not [issue for issue in reports(demo).values() if "CANARY" in issue.description]


# --- bad surroundings -----------------------------------------------------------------------------


def test_a_project_that_is_missing__is_named_and_nothing_is_written(gathered: Demo) -> None:
    del gathered.sandbox.gitlab.projects["acme/support/1-1s/iduarte"]

    with pytest.raises(PublishError, match="has no project acme/support/1-1s/iduarte"):
        run(gathered)

    assert reports(gathered) == {}


def test_stages_one_by_one__do_what_weekly_does(gathered: Demo) -> None:
    house = fresh_house(gathered)
    stages.gather(house, gathered.week, console.silent)
    stages.measure(house, gathered.week)
    stages.render(house, gathered.week, console.silent)
    planned = stages.plan(house, gathered.week)
    assert reports(gathered) == {}

    _, applied = stages.apply(fresh_house(gathered), gathered.week, console.silent)

    assert (len(planned.actions), applied.created) == (EVERYTHING, EVERYTHING)
    assert run(gathered).applied.unchanged == EVERYTHING


def test_every_description__holds_one_block_of_the_bot(published: Published) -> None:
    demo, _ = published

    keys = []
    for issue in reports(demo).values():
        block = block_of(issue.description)
        assert block is not None
        assert issue.description.count("<!-- support-reports key=") == 1
        keys.append(block.key)

    assert len(set(keys)) == EVERYTHING


def test_a_public_holiday_of_the_persons_country__is_a_day_off(gathered: Demo) -> None:
    def weeks_with_days_off(username: str) -> set[str]:
        weeks = of(stages.judged(fresh_house(gathered), gathered.week), username).weeks
        return {str(week.week) for week in weeks if week.capacity.holiday_days}

    assert weeks_with_days_off("iduarte") == set()
    team = gathered.house.config / "team.yml"
    text = team.read_text(encoding="utf-8")
    team.write_text(text.replace("username: iduarte\n", "username: iduarte\n    country: PT\n"), encoding="utf-8")

    assert weeks_with_days_off("iduarte") == {"2026-W41"}  # Monday, 5 October
    assert weeks_with_days_off("jbeck") == set()
