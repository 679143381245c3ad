"""The links a 1:1 needs: queries in GitLab and Zendesk for one person and one week, built from ids alone."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from reports.core.people import Engineer
from reports.core.view import Link
from reports.core.weeks import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things lie, from `sources.yml`: base URLs without a trailing slash, and the paths of groups and projects."""

    gitlab_url: str
    zendesk_url: str
    product_group: str
    handbook_project: str
    training_project: str
    pairing_project: str


def activity_links(places: Places, engineer: Engineer, week: Week) -> tuple[Link, ...]:
    """Links to what the person did in the week; Zendesk ones only when their id is known."""
    return (*_zendesk(places, engineer, week), *_gitlab(places, engineer, week))


def _zendesk(places: Places, engineer: Engineer, week: Week) -> tuple[Link, ...]:
    if engineer.zendesk_id is None:
        return ()
    span = f"updated>={week.first_day} updated<={week.last_day}"
    searches = {
        "Tickets assigned": f"type:ticket assignee:{engineer.zendesk_id} status<solved",
        "Tickets commented on": f"type:ticket commenter:{engineer.zendesk_id} {span}",
    }
    base = f"{places.zendesk_url}/agent/search/1"
    return tuple(Link(text=text, url=f"{base}?{urlencode({'type': 'ticket', 'q': q})}") for text, q in searches.items())


def _gitlab(places: Places, engineer: Engineer, week: Week) -> tuple[Link, ...]:
    author = {"scope": "all", "state": "merged", "author_username": engineer.username}
    merged = author | {"merged_after": str(week.first_day), "merged_before": str(week.last_day + timedelta(days=1))}
    opened = {"scope": "all", "state": "all", "author_username": engineer.username}
    assigned = {"scope": "all", "state": "all", "assignee_username": engineer.username}
    group, handbook = f"groups/{places.product_group}", places.handbook_project
    return tuple(
        Link(text=text, url=f"{places.gitlab_url}/{path}?{urlencode(query, doseq=True)}")
        for text, path, query in (
            ("Docs updates merged", f"{group}/-/merge_requests", merged | {"label_name[]": "documentation"}),
            ("Contributions merged", f"{group}/-/merge_requests", merged | {"label_name[]": "Support Team Contributions"}),
            ("Handbook updates merged", f"{handbook}/-/merge_requests", merged),
            ("Issues opened", f"{group}/-/issues", opened),
            ("Pairing sessions", f"{places.pairing_project}/-/issues", assigned),
            ("Training", f"{places.training_project}/-/issues", assigned),
        )
    )
