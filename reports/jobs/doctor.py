"""Looks at everything that a run needs, one thing after another, and has it judged; writes nothing and prints nothing.

Beside `wiring` it names adapters. Whatever fails while it looks is a finding of its own, so that it always comes to an end.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reports.core import gitlab_health, health, pipeline_schedules
from reports.core.audience import Lookout, lowest_level
from reports.core.expected import expected_audiences
from reports.core.gitlab_health import TokenSeen
from reports.core.health import Finding, Trouble
from reports.core.publication import Audience
from reports.core.weeks import last_full_week
from reports.core.zendesk_health import about_desk
from reports.errors import ConfigError, ReportsError, StoreError
from reports.ports import Progress, ProgressListener
from reports.wiring.calendars import context_sources
from reports.wiring.house import House

if TYPE_CHECKING:
    from reports.adapters.gitlab_client import GitlabClient
    from reports.settings.queue_values import QueueSettings

# Adapters are imported where they are used, as in wiring.
# ruff: noqa: PLC0415

#: The stream whose cursor knows the numbers of everybody's accounts.
_ACCOUNTS_IN = "gitlab.merge_requests"
_READ_TOKEN, _WRITE_TOKEN = "GITLAB_READ_TOKEN", "GITLAB_TOKEN"

_Look = Callable[[House], Iterator[Finding]]


def examine(house: House, tell: ProgressListener) -> tuple[Finding, ...]:
    """What was found, in the order in which a run needs it; never raises for what a server, a file or the settings hold."""
    found: list[Finding] = []
    looks: Sequence[tuple[str, _Look]] = (
        ("config", _config),
        ("store", _store),
        ("GitLab", _gitlab),
        ("Zendesk", _zendesk),
        ("calendars and schedules", _outside),
    )
    house.session.announce(
        lambda wait: tell(Progress(step="wait", part=wait.host, detail=f"{wait.seconds:.0f} s: {wait.reason}", fraction=None))
    )
    for done, (name, look) in enumerate(looks):
        tell(Progress(step="doctor", detail=name, fraction=done / len(looks)))
        found += _safely(name, look, house)
    tell(Progress(step="doctor", detail="done", fraction=1.0))
    return tuple(found)


def _safely(name: str, look: _Look, house: House) -> Iterator[Finding]:
    try:
        yield from look(house)
    except ConfigError:
        yield health.unseen(name, "config")
    except ReportsError as error:
        yield health.wrong(name, _trouble(error))
    except Exception as error:  # whoever looks for what is broken is to hear of the rest as well
        yield health.wrong(name, _bug(error))


def _bug(error: Exception) -> Trouble:
    """Where it happened, and nothing of what a server said: that may hold anything."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    says = f"what answered is not understood: {type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    return Trouble(says=says, step="correct the addresses in config/sources.yml; if they are right, report this line", code=1)


def _trouble(error: ReportsError) -> Trouble:
    return Trouble(says=error.message, step=error.hint, code=error.exit_code)


# --- here -----------------------------------------------------------------------------------------


def _config(house: House) -> Iterator[Finding]:
    from reports.measures.registry import catalogue
    from reports.settings.loader import check
    from reports.settings.problems import errors_of

    problems = check(house.config, catalogue())
    errors = errors_of(problems)
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        step = (
            "mend the lines that `support-reports check` lists"
            if (house.config / "team.yml").exists()
            else "run `support-reports init`, which proposes a first one, or name another folder with --config"
        )
        yield health.wrong("config", Trouble(says=f"{errors[0]}{more}", step=step, code=health.CONFIG))
        return
    team = house.settings.team
    remarks = f"; `support-reports check` has {len(problems)} remarks" if problems else ""
    yield health.ok("config", f"{len(team.engineers)} engineers, {len(team.managers)} managers{remarks}")


def _store(house: House) -> Iterator[Finding]:
    from reports.adapters.store_health import store_seen

    return health.about_store(store_seen(house.store_folder, house.store), house.clock.now())


# --- GitLab ---------------------------------------------------------------------------------------


def _gitlab(house: House) -> Iterator[Finding]:
    from reports.adapters.gitlab_health import version_of
    from reports.adapters.server_health import gitlab_server

    server = gitlab_server(house.settings.sources.gitlab.url, house.session)
    yield from health.about_server("GitLab", server, house.clock.now())
    if server.trouble:
        return
    writing = _token(house, _WRITE_TOKEN)
    reading = _token(house, _READ_TOKEN) if house.environment.get(_READ_TOKEN) else None
    working = [one for one in (reading or writing, writing) if not one.trouble]
    yield gitlab_health.about_version(version_of(_client(house, working[0].variable)) if working else "")
    yield from gitlab_health.about_tokens(writing, reading, house.today)
    if (reading or writing).may_read:
        yield from _safely(gitlab_health.COUNTED, _sight, house)
    else:
        yield health.unseen(gitlab_health.COUNTED, gitlab_health.READING if reading else gitlab_health.WRITING)
    if writing.may_read:
        yield from _safely("reports", _reports, house)
    else:
        yield health.unseen("reports", gitlab_health.WRITING)
    able = [one.variable for one in (writing, reading) if one and one.may_read]
    yield from _safely(pipeline_schedules.PIPELINES, lambda house: _pipelines(house, able), house)


def _client(house: House, variable: str) -> "GitlabClient":
    return house.tracker.client if variable == _WRITE_TOKEN else house.reading_client()


def _token(house: House, variable: str) -> TokenSeen:
    from reports.adapters.gitlab_health import token_seen

    if not house.environment.get(variable):
        return TokenSeen(variable=variable, trouble=gitlab_health.missing_token(variable))
    try:
        return token_seen(_client(house, variable), variable)
    except ReportsError as error:
        return TokenSeen(variable=variable, trouble=_trouble(error))


def _sight(house: House) -> Iterator[Finding]:
    from reports.adapters.gitlab_health import labels_of

    sight = house.gitlab_activity().sight(_cursor(house))
    wanted = _wanted_labels(house.queues) if house.queues else {}
    labels = labels_of(house.reading_client(), (project for project in wanted if project not in sight.missing))
    return gitlab_health.about_sight(replace(sight, labels=labels), len(house.open_today.engineers), wanted)


def _cursor(house: House) -> str | None:
    try:
        return house.store.cursor(_ACCOUNTS_IN)
    except StoreError:
        return None


def _wanted_labels(queues: "QueueSettings") -> Mapping[str, Sequence[str]]:
    """The labels by which issues of the queues are understood; how requests ended is not always needed."""
    labels, regions = queues.labels, sorted(queues.region_labels)
    requests = (labels.urgent, labels.timely, labels.not_urgent, *regions)
    feedback = (labels.negative, labels.contact_requested, *regions)
    return dict.fromkeys(queues.attention_requests, requests) | dict.fromkeys(queues.feedback, feedback)


def _reports(house: House) -> Iterator[Finding]:
    """What `plan` would ask before it writes, without any report."""
    from reports.adapters.gitlab_health import levels_of

    now, plan = house.clock.now(), house.plan
    regions = [region.name for region in house.queues.regions] if house.queues else []
    week = last_full_week(now, plan.zone)
    audiences = tuple(expected_audiences(house.settings.reports, house.open_today, regions, week))
    of_project: dict[str, list[Audience]] = {}
    for audience in audiences:
        of_project.setdefault(audience.project, []).append(audience)
    lookouts = {project: Lookout(level=lowest_level(own), opened_since=now) for project, own in of_project.items()}
    tracker = house.tracker
    places = tracker.found(lookouts)
    side = gitlab_health.Publishing(bot=tracker.bot(), places=places, levels=levels_of(tracker.client, tracker.bot(), places))
    return gitlab_health.about_reports(audiences, side)


def _pipelines(house: House, variables: Sequence[str]) -> Iterator[Finding]:
    """By the first token that sees the schedules; the one that writes may be a Maintainer there, for renewing itself."""
    from reports.adapters.gitlab_schedules import schedules_seen

    project = house.environment.get("CI_PROJECT_PATH", "")
    if not project:
        return iter([pipeline_schedules.unasked()])
    if not variables:
        return iter([health.unseen(pipeline_schedules.PIPELINES, gitlab_health.WRITING)])
    found = (schedules_seen(_client(house, variable), project) for variable in variables)
    seen = next((one for one in found if one), None)
    if seen is None:
        return iter([pipeline_schedules.unreadable(project)])
    return pipeline_schedules.about_schedules(seen, house.clock.now())


# --- Zendesk --------------------------------------------------------------------------------------


def _zendesk(house: House) -> Iterator[Finding]:
    from reports.adapters.server_health import zendesk_server
    from reports.adapters.zendesk_health import desk_seen

    settings, now = house.settings, house.clock.now()
    server = zendesk_server(settings.sources.zendesk.url, house.session)
    yield from health.about_server("Zendesk", server, now)
    if server.trouble:
        return
    house.require_to_read(with_gitlab=False)
    seen = desk_seen(house.zendesk_at(settings.sources.zendesk.url), server.clock or now)
    yield from about_desk(seen, house.open_today.engineers, settings.sources.zendesk.schedule)


# --- calendars and schedules ----------------------------------------------------------------------


def _outside(house: House) -> Iterator[Finding]:
    """Only whether their secrets are there and can be used: asking them is for a gather."""
    if house.looks_outside:
        sources = context_sources(house)
        yield health.ok("calendars and schedules", f"the secrets for {len(sources)} of them are there; a gather asks them")
