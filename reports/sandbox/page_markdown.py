"""Shows a text as GitLab shows it in a browser: references linked, emoji drawn, Mermaid as charts; changes nothing."""

import html
import re
from dataclasses import dataclass
from urllib.parse import quote

from reports.sandbox.gitlab_access import Reader
from reports.sandbox.gitlab_edits import resolved_project
from reports.sandbox.gitlab_objects import Label, Project
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.glfm import sanitised_html
from reports.sandbox.mermaid import ChartError, draw
from reports.sandbox.references import Reference, ReferenceKind, linked

#: Characters of Mermaid that GitLab draws at once; what is beyond waits for a click. A closed <details> starts anew.
MERMAID_BUDGET = 2_000
_MERMAID = re.compile(r'(<details>)|(</details>)|<pre><code class="language-mermaid">(.*?)</code></pre>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class PageMarkdown:
    """Renders texts of one project for one reader."""

    state: GitlabState
    project: Project
    reader: Reader
    base_url: str

    def render(self, text: str) -> str:
        """HTML of a text, safe to put into a page."""
        return _with_charts(linked(sanitised_html(text), self._resolve, self.base_url))

    def _resolve(self, reference: Reference) -> str | None:
        if reference.kind is ReferenceKind.OTHER:
            return None
        if reference.kind is ReferenceKind.USER:
            return self._user(reference.name)
        if reference.kind is ReferenceKind.LABEL:
            label = self.state.label(self.project, reference.name)
            return None if label is None else label_pill(self.project, label)
        return self._item(reference)

    def _user(self, name: str) -> str | None:
        user = self.state.find_user(name)
        if user is None and name not in self.state.groups and name != "all":
            return None
        shown = user.username if user else name
        return f'<a class="mention" title="{html.escape(user.name if user else name)}">@{html.escape(shown)}</a>'

    def _item(self, reference: Reference) -> str | None:
        project = resolved_project(self.state, self.project, reference.path)
        number = int(reference.name)
        if project is None:
            return None
        if reference.kind is ReferenceKind.ISSUE:
            issue = project.issues.get(number)
            if issue is None or not self.reader.issue(issue):
                return None
            sign, place, title = "#", "issues", issue.title
        else:
            merge_request = project.merge_requests.get(number)
            if merge_request is None or not self.reader.merge_request(merge_request):
                return None
            sign, place, title = "!", "merge_requests", merge_request.title
        shown = f"{reference.path}{sign}{number}"
        return f'<a class="gfm" href="/{project.path}/-/{place}/{number}" title="{html.escape(title)}">{html.escape(shown)}</a>'


def label_pill(project: Project, label: Label) -> str:
    """A coloured label that leads to the issues that have it; a scoped one shows its scope apart."""
    scope, sign, value = label.title.rpartition("::")
    shown = html.escape(label.title) if not sign else f"{html.escape(scope)}<b>{html.escape(value)}</b>"
    kind = "label scoped" if sign else "label"
    target = f"/{project.path}/-/issues?label_name[]={quote(label.title)}"
    style = f"--label:{html.escape(label.colour)};--ink:{_ink(label.colour)}"
    return f'<a class="{kind}" style="{style}" href="{html.escape(target)}">{shown}</a>'


def _ink(colour: str) -> str:
    """Black or white, whichever reads better on a colour such as #6699cc."""
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return "#1f1e24" if 0.299 * red + 0.587 * green + 0.114 * blue > 150 else "#ffffff"


def _with_charts(markup: str) -> str:
    """Draw Mermaid blocks within GitLab's budget; outside of <details> all blocks share one."""
    budgets = [MERMAID_BUDGET]

    def replace(found: re.Match[str]) -> str:
        if found[1]:
            budgets.append(MERMAID_BUDGET)
        elif found[2] and len(budgets) > 1:
            budgets.pop()
        if found[3] is None:
            return found[0]
        source = html.unescape(found[3])
        budgets[-1] -= len(source)
        return _chart(source, budgets[-1] >= 0)

    return _MERMAID.sub(replace, markup)


def _chart(source: str, is_affordable: bool) -> str:
    code = f"<pre><code>{html.escape(source)}</code></pre>"
    if not is_affordable:
        return f'<div class="chart-note">GitLab would show a <b>Display</b> button: too much Mermaid on this page.</div>{code}'
    try:
        return f'<div class="chart-frame">{draw(source)}</div>'
    except ChartError as error:
        return f'<div class="chart-note">No chart: {html.escape(str(error))}</div>{code}'
