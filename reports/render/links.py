"""Links that a report may hold: only to configured hosts, and where a report asks for it none that leaves a trace elsewhere.

GitLab takes a link to the page of one thing (an issue, a merge request, a commit) for a reference to it, and writes
"mentioned in" at the other end. A link to a list of things is none, so a thing is then named and linked as the list of it alone.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from reports.render.markdown import NO_TITLE, NOTHING, MakeHarmless, Safe, harmless

#: A page of one issue or merge request, or of a part of it, such as its changes.
_THING = re.compile(r"(?P<project>/.+?)/-/(?P<kind>issues|work_items|merge_requests)/(?P<number>[0-9]{1,12})(?:/.*)?")
#: A list of issues or merge requests.
_LIST = re.compile(r"/.+/-/(?:issues|work_items|merge_requests)/?")
#: What else GitLab may know as a page of one thing: anything behind its `/-/`, and addresses of old, which had none.
_MAYBE_A_THING = re.compile(
    r"/(?:-|issues|work_items|merge_requests|epics|commits?|compare|milestones|iterations|snippets|labels|vulnerabilities"
    r"|feature_flags|alert_management|designs)(?:/|$)",
    re.IGNORECASE,
)
_BEGINNING = re.compile(r"https?://", re.IGNORECASE)
_WORDS = {"issues": "issue", "work_items": "issue", "merge_requests": "merge request"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRules:
    """Where links may lead (`host` or `host:port`, in small letters), and whether they may leave a trace there."""

    hosts: frozenset[str]
    leave_traces: bool

    @classmethod
    def to(cls, hosts: Collection[str], *, leave_traces: bool) -> "LinkRules":
        """The rules for hosts however they are written."""
        return cls(hosts=frozenset(host.lower() for host in hosts), leave_traces=leave_traces)


def link(text: str, url: str, rules: LinkRules, make_harmless: MakeHarmless = harmless) -> Safe:
    """A link to a page of one of the hosts; only the text, or the words to find the thing by, where there may be none."""
    shown = make_harmless(text)
    if not shown or shown == NOTHING:
        shown = make_harmless(NO_TITLE)
    if not leads_to(url, rules.hosts):
        return shown
    if rules.leave_traces or not may_leave_a_trace(url):
        return _linked(shown, url)
    parts = urlsplit(url)
    thing = _THING.fullmatch(parts.path)
    if thing is None:
        return shown
    where = make_harmless(f"{thing['project'].strip('/')}, {_WORDS[thing['kind']]} {thing['number']}")
    return Safe(f"{_linked(shown, _list_of(parts, thing))} ({where})")


def _linked(shown: Safe, url: str) -> Safe:
    return Safe(f"[{shown}]({_destination(url)})")


def _list_of(parts: SplitResult, thing: re.Match[str]) -> str:
    """The list that holds the thing alone: GitLab finds it there by its number."""
    query = f"scope=all&state=all&search=%23{thing['number']}"
    return f"{parts.scheme}://{parts.netloc}{thing['project']}/-/{thing['kind']}?{query}"


def may_leave_a_trace(url: str) -> bool:
    """Whether GitLab could take a link to this page for a reference; in doubt it could."""
    path = urlsplit(url).path
    return _MAYBE_A_THING.search(path) is not None and (_LIST.fullmatch(path) is None or _THING.fullmatch(path) is not None)


def leads_to(url: str, hosts: Collection[str]) -> bool:
    """Whether a URL is http or https, without credentials, on one of the hosts, and reads the same to every browser."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return _BEGINNING.match(url) is not None and parts.netloc.lower() in hosts and url.isprintable()


def _destination(url: str) -> str:
    """The URL with everything that could end or restructure a Markdown link spelled in percent signs."""
    return quote(url, safe="/:?#@!$&,;=+%~._-").replace("&", "&amp;")
