"""The pages of the small GitLab: what each person sees of an issue, and commenting as that person."""

from collections.abc import Iterator

import pytest
import requests

from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from tests.gitlab_sandbox import MANAGERS, META, NOW, PRODUCT, running, small_gitlab

HOSTILE = "</title><script>alert(1)</script>"


@pytest.fixture
def state() -> GitlabState:
    found = small_gitlab()
    found.add_issue(
        MANAGERS,
        "support-reports-bot",
        f"Team week {HOSTILE}",
        created_at=NOW,
        description="> [!note]\n> Hello @iduarte :tada:\n\n| a |\n|---|\n| 1 |\n\n<script>alert(2)</script>",
        labels=["weekly", "week::2026-W46"],
        assignees=["plindqvist"],
        confidential=True,
    )
    found.add_issue(META, "dev", "For everybody", created_at=NOW)
    return found


@pytest.fixture
def box(state: GitlabState) -> Iterator[Sandbox]:
    with running(state) as sandbox:
        yield sandbox


def page(box: Sandbox, path: str, viewer: str = "") -> requests.Response:
    return requests.get(f"{box.gitlab_url}{path}", cookies={"view_as": viewer}, timeout=10)


@pytest.mark.parametrize("place", ["issues", "work_items"])
def test_issue_page__shows_what_gitlab_shows(box: Sandbox, place: str) -> None:
    shown = page(box, f"/{MANAGERS}/-/{place}/1", "plindqvist")

    assert shown.status_code == 200
    for expected in (
        '<div class="markdown-alert markdown-alert-note">',
        'title="Ines Duarte">@iduarte</a> 🎉',
        "<td>1</td>",
        "week<b>2026-W46</b>",
        ">Confidential</span>",
        ">Open</span>",
        "Petra Lindqvist",
    ):
        assert expected in shown.text


def test_issue_page__carries_no_script_and_may_load_nothing(box: Sandbox) -> None:
    shown = page(box, f"/{MANAGERS}/-/issues/1", "plindqvist")

    assert "<script" not in shown.text
    assert "alert(2)" not in shown.text
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("viewer", "status"), [("plindqvist", 200), ("support-reports-bot", 200), ("iduarte", 404), ("dev", 404), ("", 404)]
)
def test_confidential_issue_page__is_not_there_for_others(box: Sandbox, viewer: str, status: int) -> None:
    assert page(box, f"/{MANAGERS}/-/issues/1", viewer).status_code == status


def test_home__lists_what_the_viewer_sees(box: Sandbox) -> None:
    assert "Team week" in page(box, "/", "plindqvist").text
    engineer = page(box, "/", "iduarte").text
    assert "Team week" not in engineer
    assert "For everybody" in engineer
    visitor = page(box, "/").text
    assert "For everybody" not in visitor
    assert f"/{PRODUCT}/-/issues" in visitor


def test_view_as__is_remembered_and_leads_back(box: Sandbox) -> None:
    with requests.Session() as browser:
        path = f"/{MANAGERS}/-/issues/1"
        chosen = browser.get(f"{box.gitlab_url}/-/view_as", params={"user": "plindqvist", "back": path}, timeout=10)

        assert chosen.url == f"{box.gitlab_url}{path}"
        assert chosen.status_code == 200
        assert browser.get(f"{box.gitlab_url}/?as=dev", timeout=10).status_code == 200
        assert browser.get(f"{box.gitlab_url}{path}", timeout=10).status_code == 404


def test_view_as__leads_nowhere_else(box: Sandbox) -> None:
    answer = requests.get(
        f"{box.gitlab_url}/-/view_as", params={"back": "https://evil.example//evil.example/x"}, allow_redirects=False, timeout=10
    )

    assert answer.headers["Location"] == "/evil.example/x"


def test_comment__is_written_as_the_viewer_with_quick_actions(box: Sandbox, state: GitlabState) -> None:
    path = f"/{MANAGERS}/-/issues/1"

    answer = requests.post(
        f"{box.gitlab_url}{path}/comments", data={"body": "Done.\r\n\r\n/close"}, cookies={"view_as": "plindqvist"}, timeout=10
    )

    assert answer.status_code == 200
    assert "<p>Done.</p>" in answer.text
    assert "closed the issue" in answer.text
    issue = state.projects[MANAGERS].issues[1]
    assert (issue.state, issue.notes[0].author_id, issue.notes[0].body) == ("closed", state.user("plindqvist").id, "Done.")


@pytest.mark.parametrize("viewer", ["", "iduarte"])
def test_comment__by_somebody_who_may_not_read_is_refused(box: Sandbox, state: GitlabState, viewer: str) -> None:
    path = f"/{MANAGERS}/-/issues/1/comments"

    answer = requests.post(f"{box.gitlab_url}{path}", data={"body": "x"}, cookies={"view_as": viewer}, timeout=10)

    assert answer.status_code == 404
    assert state.projects[MANAGERS].issues[1].notes == []


def test_list_page__by_label_state_and_words(box: Sandbox) -> None:
    assert "Team week" in page(box, f"/{MANAGERS}/-/issues?label_name[]=weekly", "plindqvist").text
    assert "Team week" not in page(box, f"/{MANAGERS}/-/issues?label_name[]=other", "plindqvist").text
    assert "Team week" not in page(box, f"/{MANAGERS}/-/issues?state=closed", "plindqvist").text
    assert "Team week" in page(box, f"/{MANAGERS}/-/issues?state=all&search=Team+week", "plindqvist").text
    assert "Team week" not in page(box, f"/{MANAGERS}/-/issues?state=all&search=Team+month", "plindqvist").text


def test_project_page__leads_to_its_issues(box: Sandbox) -> None:
    assert page(box, f"/{META}", "dev").url == f"{box.gitlab_url}/{META}/-/issues"
    assert page(box, "/no/such/project", "dev").status_code == 404


def test_merge_request_page__shows_title_and_state(box: Sandbox, state: GitlabState) -> None:
    state.add_merge_request(PRODUCT, "dev", "Fix it", created_at=NOW, merged_at=NOW, description="see #1")

    shown = page(box, f"/{PRODUCT}/-/merge_requests/1")

    assert "Fix it" in shown.text
    assert ">Merged</span>" in shown.text
