"""A first `config/` as text, from who was found in GitLab and Zendesk: it passes the check, and marks what nobody could know."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import yaml
from pydantic import TypeAdapter, ValidationError

from reports.core.proposal import Account, DeskAgent, Match, Proposal
from reports.errors import UsageError
from reports.settings.scalars import GroupPath, Url

#: Behind everything that was guessed: search for it, correct the line, take the words away.
CHECK = "# please check"
_REGION = "EMEA"
_UNKNOWN_ZONE = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPlaces:
    """Where the organisation works: both addresses, and the group whose members the team is."""

    gitlab_url: str
    zendesk_url: str
    group: str


def first_places(gitlab_url: str, zendesk_url: str, group: str) -> FirstPlaces:
    """The places as somebody wrote them; UsageError says which is none, before any secret is sent there."""
    return FirstPlaces(
        gitlab_url=_checked("--gitlab-url", gitlab_url, TypeAdapter(Url)),
        zendesk_url=_checked("--zendesk-url", zendesk_url, TypeAdapter(Url)),
        group=_checked("--group", group, TypeAdapter(GroupPath)),
    )


def _checked(option: str, text: str, kind: TypeAdapter[str]) -> str:
    try:
        return kind.validate_python(text)
    except ValidationError as error:
        found = error.errors()[0]
        raise UsageError(f"{option}: {found['msg']}", str(found.get("ctx", {}).get("hint", ""))) from None


def first_config(found: Proposal, places: FirstPlaces, today: date) -> dict[str, str]:
    """The text of each file by its name; UTF-8, ends with a line end.

    Goals are left to people. UsageError when nobody is a manager, or nobody an engineer.
    """
    if not found.managers:
        raise UsageError(f"nobody in {places.group} is Maintainer or Owner", "say who manages: --manager USERNAME, once for each")
    if not found.engineers:
        raise UsageError(
            f"nobody in {places.group} is left who could be an engineer",
            "name the group that everybody in the team is a member of",
        )
    return {
        "team.yml": "\n".join(_team(found, places, today)) + "\n",
        "goals.yml": _GOALS,
        "context.yml": _CONTEXT,
        "rules.yml": _rules(today),
        "sources.yml": _sources(places),
        "reports.yml": _reports(places),
    }


def _team(found: Proposal, places: FirstPlaces, today: date) -> Iterator[str]:
    yield "# yaml-language-server: $schema=schemas/team.json"
    yield "#"
    yield f"# Proposed from the members of {places.group} and the agents of Zendesk."
    yield f"# Lines that end with `{CHECK}` hold a guess: correct the line and take those words away."
    yield ""
    yield "organisation:"
    yield f"  name: {_scalar(places.group.rpartition('/')[2].title())} {CHECK}"
    yield f"  time_zone: {_UNKNOWN_ZONE} {CHECK}: weeks run from Monday 00:00 in this zone"
    yield "  levels: [associate, intermediate, senior]"
    yield "  regions: [AMER, APAC, EMEA]"
    yield "  focuses: [general]"
    yield ""
    yield "managers:"
    for match in found.managers:
        yield from _manager(match, today)
    yield ""
    yield "people:"
    for match in found.engineers:
        yield from _engineer(match, found.managers[0].account, today)
    yield from _agents_left(found.agents_left)


def _manager(match: Match, today: date) -> Iterator[str]:
    yield f"  - username: {_scalar(match.account.username)}"
    yield f"    name: {_scalar(match.account.name)}"
    yield f"    email: {_email(match)}"
    yield f"    region: {_REGION} {CHECK}"
    yield f"    time_zone: {_zone(match.agent)}"


def _engineer(match: Match, manager: Account, today: date) -> Iterator[str]:
    yield f"  - username: {_scalar(match.account.username)}"
    yield f"    name: {_scalar(match.account.name)}"
    yield f"    email: {_email(match)}"
    yield _zendesk_id(match)
    yield f"    level: intermediate {CHECK}"
    yield f"    region: {_REGION} {CHECK}"
    yield "    focuses: [{name: general, percentage: 100}]"
    yield f"    reports_to: {_scalar(manager.username)} {CHECK}"
    yield f"    start_date: {(match.account.joined or today).isoformat()} {CHECK}"
    yield f"    time_zone: {_zone(match.agent)}"
    yield ""


def _zendesk_id(match: Match) -> str:
    if match.agent is None:
        return f"    # zendesk_id:  {CHECK}: no agent was surely this person; without an id, ticket measures have no data"
    doubt = "" if match.by == "e-mail" else f" {CHECK}: only the {match.by} is the same"
    return f"    zendesk_id: {match.agent.id}{doubt}"


def _email(match: Match) -> str:
    known = match.account.email or (match.agent.email if match.agent else "")
    return _scalar(known) if known else f"{match.account.username}@example.com {CHECK}"


def _zone(agent: DeskAgent | None) -> str:
    return _scalar(agent.time_zone) if agent and agent.time_zone else f"{_UNKNOWN_ZONE} {CHECK}"


def _agents_left(agents: tuple[DeskAgent, ...]) -> Iterator[str]:
    if agents:
        yield "# Agents of Zendesk that were surely nobody above. A person with several has them in `other_zendesk_ids`."
    for agent in agents:
        # On one line whatever the name holds: a line end would let it leave the comment.
        yield f"#   {agent.id}  {' '.join(agent.name.split())}"


def _scalar(text: str) -> str:
    """The text as YAML reads it back, on one line."""
    return yaml.safe_dump(text, allow_unicode=True, width=10_000).removesuffix("\n").removesuffix("\n...")


_GOALS = """\
# yaml-language-server: $schema=schemas/goals.json
#
# What was agreed. A goal counts only when the engineer and the manager both stand in `agreed_by`;
# everything else is a draft, which is shown and not assessed. Which measures there are: docs/measures.md.

defaults: []
#  - when: {level: intermediate}
#    goals:
#      new_tickets: {target: 5, per: week}
#      docs_updates: {target: 2, per: 30 days}

people: {}
#  iduarte:
#    - {from: 2027-01-04, agreed_by: [iduarte, plindqvist], goals: {}}
"""

_CONTEXT = """\
# yaml-language-server: $schema=schemas/context.json
#
# What clouds a week: dates and fractions, never reasons. Both `from` and `to` are included.

unavailable: []
#  - {who: iduarte, from: 2027-01-04, to: 2027-01-08}
"""


def _rules(today: date) -> str:
    return f"""\
# yaml-language-server: $schema=schemas/rules.json
#
# The thresholds. To change one, add a rule set with a new `effective_from`: past weeks keep the rules of their day.
# Every other threshold has its usual value: config/README.md lists them.

rule_sets:
  - name: handbook-2023
    effective_from: {today.year - 1}-01-01
"""


def _sources(places: FirstPlaces) -> str:
    return f"""\
# yaml-language-server: $schema=schemas/sources.json
#
# Where the facts come from. No secret stands here: they come from the environment.

gitlab:
  url: {_scalar(places.gitlab_url)}
  product_group: {_scalar(places.group.partition("/")[0])} {CHECK}: what is merged and opened in it counts; no report lies in it
  handbook_projects: [{places.group}/handbook] {CHECK}
  training_projects: [{places.group}/support-training] {CHECK}
  pairing_projects: [{places.group}/support-pairing] {CHECK}

zendesk:
  url: {_scalar(places.zendesk_url)}
"""


def _reports(places: FirstPlaces) -> str:
    return f"""\
# yaml-language-server: $schema=schemas/reports.json
#
# What is published where, and who may read it. Before each write the tool asks GitLab who could read the issue
# and refuses when that is anybody else. Create the projects first; docs/operations.md says with which roles. They lie beside
# {places.group}, not below it: whoever is a member of a group reads every private project below it.

reports:
  engineer_weekly: # for the engineer and their manager, the same words for both
    for: each_engineer
    project: "{places.group}-reports/1-1s/{{username}}" {CHECK}
    title: "Weekly report {{week}}: {{name}}"
    privacy: P3
    labels: [support-reports, weekly-report]
    confidential: true

  team_weekly: # for the manager, readable by all support managers
    for: each_manager
    project: {places.group}-reports/managers {CHECK}
    title: "Team week {{week}}: {{manager}}"
    privacy: P2
    labels: [support-reports, team-week]
    confidential: true
"""
