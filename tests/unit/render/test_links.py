import pytest
from hypothesis import given

from reports.core.plain_text import cleaned
from reports.render.links import LinkRules, leads_to, link, may_leave_a_trace
from reports.render.markdown import NO_TITLE
from reports.sandbox.references import references
from tests.unit.render.reading import Page, html
from tests.unit.render.test_markdown import assert_only, texts, thorough

HOSTS = frozenset({"gitlab.example", "127.0.0.1:8080", "acme.zendesk.example"})
FREE = LinkRules.to(HOSTS, leave_traces=True)
QUIET = LinkRules.to(HOSTS, leave_traces=False)
GITLAB = "https://gitlab.example"


@thorough
@given(texts)
def test_link__any_text_stays_inside_the_link(text: str) -> None:
    made = link(text, "https://gitlab.example/a", FREE)
    assert_only(["p", "a", "/a", "/p"], "", made, "\n", cleaned(text) or NO_TITLE)
    assert 'href="https://gitlab.example/a"' in html(made)


# --- where links lead -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gitlab.example/a",
        "//gitlab.example/a",
        "///gitlab.example/a",
        "https:gitlab.example/a",
        "https:/gitlab.example/a",
        "https:///gitlab.example/a",
        "https:\\\\gitlab.example\\a",
        " https://gitlab.example/a",
        "\thttps://gitlab.example/a",
        "ht\ttps://gitlab.example/a",
        "https://gitlab.exam\tple/a",
        "https://gitlab.example\t.evil.example/a",
        "\x00https://gitlab.example/a",
        "https://gitlab.example/a\r\nSet-Cookie: x",
        "javascript:alert(1)",
        "javascript://gitlab.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://gitlab.example/a",
        "view-source:https://gitlab.example/a",
        "ftp://gitlab.example/a",
        "https://evil.example/",
        "https://gitlab.example.evil.example/",
        "https://gitlab.example.",
        "https://gitlab.example./a",
        "https://.gitlab.example/a",
        "https://xgitlab.example/a",
        "https://evil.example/?x=gitlab.example",
        "https://evil.example#@gitlab.example/",
        "https://evil.example?@gitlab.example/",
        "https://evil.example\\@gitlab.example/",
        "https://gitlab.example\\@evil.example/",
        "https://gitlab.example\\.evil.example/",
        "https://user:secret@gitlab.example/",
        "https://@gitlab.example/",
        "https://:@gitlab.example/",
        "https://gitlab.example@evil.example/",
        "https://gitlab.example%40evil.example/",
        "https://gitlab.example%2eevil.example/",
        "https://gitlab%2eexample/",
        "https://gitlab.example%00.evil.example/",
        "https://gitlab.example:8443/",
        "https://gitlab.example:/",
        "https://gitlab.example:443/",
        "https://gitlab.example:x/",
        "http://127.0.0.1/",
        "http://127.1:8080/",
        "http://2130706433:8080/",
        "http://[::ffff:127.0.0.1]:8080/",
        "https://[::1/",
        "https://gitlab。example/",
        "https://gitlab．example/",
        "https://ｇitlab.example/",
        "https://gitlab.exаmple/",
        "https://xn--gitlab-.example/",
        "https://gitlab.example/\n/close",
        "https://gitlab.example/\u202ex",
        "https://gitlab.example/\u200bx",
        "https://gitlab.example\u2028/x",
        "https://gitlab.example/\ud800",
    ],
)
@pytest.mark.parametrize("rules", [FREE, QUIET], ids=["free", "quiet"])
def test_link__a_url_that_leads_anywhere_else_leaves_only_the_text(url: str, rules: LinkRules) -> None:
    assert not leads_to(url, HOSTS)
    assert link("words", url, rules) == "words"


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.example",
        "http://gitlab.example/x",
        "HTTPS://gitlab.example/x",
        "https://GitLab.example/x",
        "http://127.0.0.1:8080/",
    ],
)
def test_link__a_url_on_a_configured_host(url: str) -> None:
    assert leads_to(url, HOSTS)
    assert link("words", url, FREE) == f"[words]({url})"


def test_link__signs_in_the_url_that_markdown_would_read() -> None:
    made = link("x", "https://gitlab.example/a (b)<c>\"d'|e\\f`g`?h=1&copy;=é", FREE)
    assert Page(made).tags == ["p", "a", "/a", "/p"]
    assert 'href="https://gitlab.example/a%20%28b%29%3Cc%3E%22d%27%7Ce%5Cf%60g%60?h=1&amp;copy;=%C3%A9"' in html(made)


# --- traces -----------------------------------------------------------------------------------------------

THINGS = (
    "/acme/x/-/issues/12",
    "/acme/x/-/issues/12/",
    "/acme/x/-/issues/12?a=b",
    "/acme/x/-/issues/12#note_3",
    "/acme/x/-/issues/12/issues",
    "/acme/x/-/issues/12/designs/a.png",
    "/acme/x/-/work_items/12",
    "/acme/x/-/merge_requests/12",
    "/acme/x/-/merge_requests/12/diffs",
    "/acme/x/-/merge_requests/12/-/merge_requests",
    "/acme/x/issues/12",
    "/acme/x/merge_requests/12",
    "/acme/x/-/commit/9ba12248b19a04f5a8d7f41cbe5a2b3a9cb2f14a",
    "/acme/x/commit/9ba12248",
    "/acme/x/-/compare/9ba12248...b19a04f5",
    "/acme/x/-/snippets/3",
    "/-/snippets/3",
    "/groups/acme/-/epics/4",
    "/acme/x/-/milestones/5",
    "/acme/x/-/security/vulnerabilities/6",
    "/acme/x/-/alert_management/7/details",
    "/acme/x/-/labels/8",
    "/acme/x/-/something_new/9",
    "/ACME/X/ISSUES/12",
)
LISTS = (
    "",
    "/",
    "/acme/x/-/issues",
    "/acme/x/-/issues/",
    "/acme/x/-/issues?state=all&search=Weekly+report+2026-W46%3A+Ines",
    "/acme/x/-/issues?search=/acme/x/-/issues/12",
    "/groups/gitlab-org/-/merge_requests?scope=all&author_username=iduarte",
    "/agent/tickets/84177",
    "/agent/search/1?type=ticket&q=assignee%3A1",
    "/incidents/P123ABC",
)


@pytest.mark.parametrize("path", THINGS)
def test_traces__the_page_of_one_thing_may_leave_one_and_is_linked_by_no_quiet_report(path: str) -> None:
    made = link("words", f"{GITLAB}{path}", QUIET)

    assert may_leave_a_trace(f"{GITLAB}{path}")
    assert references(html(made), GITLAB) == ()
    assert not may_leave_a_trace(made.partition("](")[2].partition(")")[0])
    assert link("words", f"{GITLAB}{path}", FREE).startswith("[words](")


@pytest.mark.parametrize("path", LISTS)
def test_traces__a_list_leaves_none_and_stays_a_link(path: str) -> None:
    url = f"{GITLAB}{path}"

    assert not may_leave_a_trace(url)
    assert link("words", url, QUIET) == link("words", url, FREE)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (
            "gitlab-org/gitlab/-/merge_requests/210411",
            "[Fix it](https://gitlab.example/gitlab-org/gitlab/-/merge_requests?scope=all&amp;state=all&amp;search=%23210411)"
            " (gitlab-org/gitlab, merge request 210411)",
        ),
        (
            "acme/support/support-pairing/-/issues/7#note_1",
            "[Fix it](https://gitlab.example/acme/support/support-pairing/-/issues?scope=all&amp;state=all&amp;search=%237)"
            " (acme/support/support-pairing, issue 7)",
        ),
        ("gitlab-org/gitlab/-/commit/9ba12248", "Fix it"),
        ("gitlab-org/gitlab/issues/3", "Fix it"),
    ],
)
def test_traces__a_thing_is_named_and_found_in_the_list_of_its_project(path: str, shown: str) -> None:
    assert link("Fix it", f"{GITLAB}/{path}", QUIET) == shown


@thorough
@given(texts)
def test_traces__whatever_stands_in_the_address_makes_no_reference(text: str) -> None:
    for url in (f"{GITLAB}/{text}/-/issues/1", f"{GITLAB}/a/b/-/issues/1{text}", f"{GITLAB}/a/b/{text}1"):
        made = link("words", url, QUIET)
        assert references(html(made), GITLAB) == ()
        assert set(Page(made).tags) <= {"p", "a", "/a", "/p"}
