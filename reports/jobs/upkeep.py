"""What keeps the pipelines going: a token renewed in time, a week without reports noticed, a preview put where it is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_standing_texts import StandingTexts
from reports.adapters.gitlab_tokens import CiVariables, GitlabTokens
from reports.adapters.http_session import checked_secret
from reports.adapters.secrets import Secret
from reports.core.cases import FOLLOW_UP
from reports.core.desired import EACH_REGION
from reports.errors import PublishError, UsageError
from reports.jobs.dialogue import place_of
from reports.wiring.house import House

WRITER = "GITLAB_TOKEN"
COMMENTER = "GITLAB_PREVIEW_TOKEN"
WATCH_LABEL = "support-reports-watch"

#: A token that is younger than this was rotated by another run of the same schedule.
YOUNG = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Where this pipeline runs: GitLab's address and the project's path."""

    url: str
    project: str


def pipeline_of(house: House) -> Pipeline:
    """The pipeline that GitLab says this is; it is never taken from `config/`, which a merge request may change."""
    url, project = (house.environment.get(name, "") for name in ("CI_SERVER_URL", "CI_PROJECT_PATH"))
    if not url or not project:
        raise UsageError(
            "missing in the environment: CI_SERVER_URL and CI_PROJECT_PATH",
            "GitLab sets them in a job; elsewhere set the address of your GitLab and the path of the project with the pipelines",
        )
    return Pipeline(url=url, project=project)


def _client(house: House, url: str, *names: str) -> GitlabClient:
    found = next(((name, value) for name in names if (value := house.environment.get(name))), None)
    if found is None:
        raise UsageError(
            f"missing in the environment: {' or '.join(names)}", "docs/operations.md says which rights the token needs"
        )
    name, value = found
    return GitlabClient(url, checked_secret(Secret(value), name), house.session, PublishError)


def rotate_token(house: House, variable: str, life: timedelta) -> bool:
    """Rotate the token that a variable holds, and keep the new one in it; False when it was made less than a day ago.

    Before anything is rotated the variable is looked at: a token that cannot be kept would be lost.
    """
    where = pipeline_of(house)
    tokens = GitlabTokens(_client(house, where.url, variable))
    now = house.clock.now()
    if now - tokens.life().created_at < YOUNG:
        return False
    CiVariables(_client(house, where.url, WRITER), house.session, where.project).require(variable)
    new = tokens.rotate((now + life).date())
    keeper = (
        GitlabClient(where.url, new, house.session, PublishError) if variable == WRITER else _client(house, where.url, WRITER)
    )
    CiVariables(keeper, house.session, where.project).keep(variable, new)
    return True


def watch(house: House, patience: timedelta) -> bool | None:
    """Whether an issue for the operators was opened now, since no weekly report was for so long; None when one was."""
    where, since = pipeline_of(house), house.clock.now() - patience
    if _were_published(house, since):
        return None
    texts = StandingTexts(_client(house, where.url, WRITER), house.session, where.project)
    days = patience.days
    return texts.open_once(WATCH_LABEL, f"No weekly reports for more than {days} days", _alarm(days), since)


def _were_published(house: House, since: datetime) -> bool:
    """Whether a report of a week was opened since an instant: what people can read, not what a pipeline says of itself."""
    weekly = [report for report in house.settings.reports if report.scope not in (FOLLOW_UP, EACH_REGION)]
    return any(
        thread.opened_at >= since and thread.report == report.name
        for report in weekly
        for thread in house.conversations.threads(place_of(report), since)
    )


def _alarm(days: int) -> str:
    return (
        f"In the last {days} days no weekly report was opened. Schedules end without a word, so this looks for reports.\n\n"
        "1. *Build, Pipeline schedules*: is the weekly one there, active, and owned by somebody who is still a member? Whoever "
        "takes it over makes it active again.\n"
        "2. *Build, Pipelines*: did the last weekly one fail? Its job `support-reports-weekly` says why and what to do.\n"
        "3. Run it by hand: *Build, Pipelines, New pipeline* on the default branch. Nothing is written twice.\n\n"
        "Then close this issue. It is opened once; a new one comes only when this one is closed and reports still do not come."
    )


def comment(house: House, body: str, marker: str) -> bool | None:
    """Have a text as our one comment on this pipeline's merge request; whether it was written, None without a merge request."""
    number = house.environment.get("CI_MERGE_REQUEST_IID", "")
    if not number.isdigit() or not (house.environment.get(COMMENTER) or house.environment.get(WRITER)):
        return None
    where = pipeline_of(house)
    client = _client(house, where.url, COMMENTER, WRITER)
    return StandingTexts(client, house.session, where.project).comment(int(number), marker, body)


def is_about_a_comment(payload: Path, bot: str) -> bool:
    """Whether a webhook's payload, as GitLab hands it to a triggered pipeline, tells of a comment that somebody else wrote.

    It decides only whether to look: what was said is read from GitLab, never from here. What is no payload is no news.
    """
    try:
        told = json.loads(payload.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    note, user = _part(told, "object_attributes"), _part(told, "user")
    is_comment = isinstance(told, Mapping) and told.get("object_kind") == "note" and note.get("noteable_type") == "Issue"
    return is_comment and not note.get("system") and user.get("username") != bot


def _part(told: object, name: str) -> Mapping[str, object]:
    part = told.get(name) if isinstance(told, Mapping) else None
    return part if isinstance(part, Mapping) else {}
