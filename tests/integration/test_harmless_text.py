"""Hostile texts through every template into the sandbox, as issues, their updates and as comments: nothing happens."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issues import GitlabIssues
from reports.adapters.http_session import PacedSession, Waiting
from reports.core.audience import Lookout
from reports.core.desired import Subject, desired_issue
from reports.core.model import Privacy, ReportDefinition
from reports.core.plain_text import WORD_JOINER, cleaned
from reports.core.publication import Action, DesiredIssue, Kind, description_of
from reports.core.views import View
from reports.core.weeks import Week
from reports.errors import PublishError
from reports.render.renderer import Renderer
from reports.sandbox.gitlab_objects import Issue
from reports.sandbox.glfm import sanitised_html
from reports.sandbox.references import references
from reports.sandbox.server import Sandbox
from tests.follow_up_views import FOLLOW_UP_CASES
from tests.gitlab_sandbox import MANAGERS, NOW, PRODUCT, running, small_gitlab
from tests.hostile import ALL_HOSTILE
from tests.integration.organisation import ROOT
from tests.queue_views import QUEUE_CASES
from tests.unit.render.hostile_views import saying_in_turn
from tests.unit.render.reading import Page, html
from tests.views import CASES, HOSTS, TRACING

#: Every second one: all of them go through the templates in tests/unit/render.
WORDS = tuple(filter(cleaned, ALL_HOSTILE))[::2]
WEEK = Week(2026, 46)
LABELS = ("support-reports", "weekly")
#: One view for each template, the one that says the most.
VIEWS: dict[str, View] = {
    **{report: view for report, case, view in CASES if case in ("ordinary", "with_actions", "hostile_titles")},
    **{report: view for report, case, view in QUEUE_CASES if case == "busy"},
    **{report: view for case, (report, view) in FOLLOW_UP_CASES.items() if case != "changed_comment_damaged"},
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """A GitLab in which every reference, mention and quick action of the texts would find something."""
    state = small_gitlab()
    for username in ("root", "all-hands"):
        state.add_user(username, username.title())
    for label in ("bug", "done", "two words", "open"):
        state.add_label(MANAGERS, label)
    for path in (MANAGERS, PRODUCT, "acme/x"):
        if path not in state.projects:
            state.add_project(path)
        for title in ("first", "second", "third"):
            state.add_issue(path, "dev", title, created_at=NOW)
    with running(state) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def tracker(box: Sandbox) -> GitlabIssues:
    """It has looked at its destination, as every run does first, and waits for nobody."""
    session = PacedSession(waiting=Waiting(sleep=lambda seconds: None))
    tracker = GitlabIssues(GitlabClient(box.gitlab_url, "writer", session, PublishError), session)
    tracker.destinations({MANAGERS: Lookout(level=None)})
    return tracker


def published(report: str, body: str, name: str) -> DesiredIssue:
    """The issue of a report, with a stranger's name in its title."""
    definition = ReportDefinition(
        name=report,
        scope="each_engineer",
        project=MANAGERS,
        title="{name}: weekly report {week} of {manager}",
        privacy=Privacy.P3,
        labels=LABELS,
        confidential=True,
    )
    subject = Subject(
        username="iduarte", placeholders={"name": name, "manager": name, "week": str(WEEK)}, readers=(), assignees=("iduarte",)
    )
    return desired_issue(definition, subject, WEEK, body)


def an_action(kind: Kind, desired: DesiredIssue, iid: int | None) -> Action:
    return Action(
        kind=kind,
        key=desired.key,
        project=desired.project,
        iid=iid,
        title=desired.title,
        reason="",
        after=description_of(desired),
        desired=desired,
    )


def assert_nothing_happened(box: Sandbox, issue: Issue, title: str, sent: str, said: tuple[str, ...]) -> None:
    assert issue.description == sent, said
    assert (issue.title, issue.state, tuple(issue.labels)) == (title, "opened", LABELS), said
    assert (issue.confidential, issue.assignee_ids, issue.due_date, issue.discussion_locked) == (True, [], None, False), said
    assert box.gitlab.mentions == [], said
    assert box.gitlab.cross_references == [], said
    assert_shows_nothing_else(box, sent, said)


def assert_shows_nothing_else(box: Sandbox, text: str, said: tuple[str, ...]) -> None:
    """What the page shows: no reference, no foreign link or picture, whole tables."""
    shown = sanitised_html(text)
    assert references(shown, box.gitlab_url) == (), said
    assert references(html(text), box.gitlab_url) == (), said
    assert not re.search(r"<(img|video|audio|iframe|form|svg|script|style|object|embed|input)\b", shown), said
    assert {urlsplit(target).netloc for target in Page(text, shown).targets} <= HOSTS, said
    assert rows_of(html(text)) == rows_written(text), said


def rows_of(markup: str) -> list[int]:
    """Cells of each row of each table, as the Markdown library parses them."""
    return [len(re.findall(r"<t[hd][ >]", row)) for row in re.findall(r"<tr>(.*?)</tr>", markup, re.DOTALL)]


def rows_written(text: str) -> list[int]:
    """Cells of each row as the template wrote it; no cell holds a bar of its own."""
    rows = [line for line in text.split("\n") if line.startswith(("| ", "|--"))]
    return [line.count("|") - 1 for line in rows if not re.fullmatch(r"[|:-]+", line)]


def test_views__are_of_every_template() -> None:
    assert set(VIEWS) == {path.name.removesuffix(".md.j2") for path in (ROOT / "templates").glob("*.j2")}
    assert len(WORDS) > 300


@pytest.mark.parametrize("report", VIEWS)
def test_template__hostile_texts_published_updated_and_posted_do_nothing(
    report: str, box: Sandbox, tracker: GitlabIssues
) -> None:
    issues = box.gitlab.projects[MANAGERS].issues
    renderer = Renderer(ROOT / "templates", HOSTS, TRACING)
    for number, (view, said) in enumerate(saying_in_turn(VIEWS[report], WORDS)):
        desired = published(report, renderer.issue(report, view), WORDS[number % len(WORDS)])
        if number % 2 == 0:
            tracker.create(an_action(Kind.CREATE, desired, None))
            title = desired.title
        else:
            tracker.update(an_action(Kind.UPDATE, desired, max(issues)))
        assert_nothing_happened(box, issues[max(issues)], title, description_of(desired), said)
    assert all(issue.state == "opened" for issue in issues.values())


@pytest.mark.parametrize("report", ["answer", "changed_comment", "plan_over"])
def test_template__hostile_texts_in_comments_do_nothing(report: str, box: Sandbox) -> None:
    renderer = Renderer(ROOT / "templates", HOSTS)
    issue = box.gitlab.projects[MANAGERS].issues[1]
    before = (issue.title, issue.state, list(issue.labels), list(issue.assignee_ids))
    session = PacedSession(waiting=Waiting(sleep=lambda seconds: None))
    for view, said in saying_in_turn(VIEWS[report], WORDS[::3]):
        text = renderer.issue(report, view)
        url = f"{box.gitlab_url}/api/v4/projects/{MANAGERS.replace('/', '%2F')}/issues/1/notes"
        answer = session.post(url, json={"body": text}, headers={"PRIVATE-TOKEN": "writer"})
        assert answer.status_code == 201, said
        assert answer.json()["body"] == text, said
        assert answer.json()["commands_changes"] == {}, said
    assert (issue.title, issue.state, issue.labels, issue.assignee_ids) == before
    assert (box.gitlab.mentions, box.gitlab.cross_references) == ([], [])


def test_titles__hold_the_words_and_neither_reference_nor_line_nor_too_much(box: Sandbox, tracker: GitlabIssues) -> None:
    issues = box.gitlab.projects[MANAGERS].issues
    for text in WORDS:
        desired = published("contributions", "words", text)
        title = desired.title
        assert 1 <= len(title) <= 255, repr(text)
        assert len(title.splitlines()) == 1
        assert not title.startswith("/"), repr(text)
        assert references(f"<p>{title.replace('&', '&amp;').replace('<', '&lt;')}</p>", box.gitlab_url) == (), repr(text)
        assert not re.search(r":[\w+-]+:|\w://|www\.\w", title), repr(text)
        assert cleaned(text)[:40] in title.replace(WORD_JOINER, ""), repr(text)
    tracker.create(an_action(Kind.CREATE, published("contributions", "words", "@all " * 200), None))
    assert len(issues[max(issues)].title) == 255
    page = requests.get(f"{box.gitlab_url}/{MANAGERS}/-/issues?as=plindqvist", timeout=10).text
    assert "<script" not in page
