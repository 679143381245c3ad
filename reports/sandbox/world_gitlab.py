"""The made-up organisation on GitLab: people, projects, memberships, tokens; its activity is added by world_activity."""

from collections.abc import Sequence
from datetime import datetime

from reports.core.people import Team
from reports.sandbox.gitlab_objects import DEVELOPER, GUEST, MAINTAINER, PLANNER, REPORTER
from reports.sandbox.gitlab_state import GitlabState

WRITER, READER = "support-reports-bot", "support-reports-reader"
WRITER_TOKEN, READER_TOKEN = "sandbox-writer-token", "sandbox-reader-token"

#: The user of an access token of the pairing project.
BOT = "project_1005_bot_5f3a9c"

TEAM_GROUP = "acme/team"
PRODUCT_GROUP = "gitlab-org"
PRODUCT_PROJECTS = ("gitlab-org/gitlab", "gitlab-org/gitlab-runner")
HANDBOOK = "gitlab-com/handbook"
TRAINING = "acme/support/support-training"
PAIRING = "acme/support/support-pairing"
TEAM_META = "acme/support/support-team-meta"
MANAGERS = "acme/support/managers"
ONE_TO_ONES = "acme/support/1-1s"
FOLLOW_UPS = "acme/support/follow-ups"

DOCUMENTATION, CONTRIBUTION = "documentation", "Support Team Contributions"
#: People who are not in support: product developers, and customers as guests.
DEVELOPERS = {"dnovotny": "Dana Novotny", "ekim": "Eun Kim", "mpatel": "Mira Patel", "rcosta": "Rui Costa"}
GUESTS = {"customer-ana": "Ana Customer", "customer-ben": "Ben Customer"}


def organisation(team: Team, epoch: datetime) -> GitlabState:
    """GitLab with the team's people and projects and nothing done yet; `epoch` is when all of it was made."""
    state = GitlabState(epoch)
    _add_people(state, team)
    _add_projects(state)
    _add_one_to_ones(state, team)
    _add_follow_ups(state, team)
    _add_members(state, team)
    _add_team_group(state, team)
    state.add_token(WRITER_TOKEN, WRITER, ["api"])
    state.add_token(READER_TOKEN, READER, ["read_api"])
    return state


def add_developer(state: GitlabState, username: str, name: str) -> None:
    """Add a product developer who is not in support, once."""
    if state.find_user(username) is None:
        state.add_user(username, name)
        state.add_member(PRODUCT_GROUP, username, DEVELOPER)


def _add_people(state: GitlabState, team: Team) -> None:
    for manager in team.managers:
        state.add_user(manager.username, manager.name, email=manager.email)
    for engineer in team.engineers:
        state.add_user(engineer.username, engineer.name, email=engineer.email)
        for account in engineer.other_usernames:
            state.add_user(account, engineer.name)
    state.add_user(BOT, "Pairing", bot=True)
    state.add_user(WRITER, "Support Reports", bot=True)
    state.add_user(READER, "Support Reports (reading)", bot=True)
    for username, name in GUESTS.items():
        state.add_user(username, name, external=True)


def _add_projects(state: GitlabState) -> None:
    state.add_group(PRODUCT_GROUP, visibility="public")
    state.add_group("gitlab-com", visibility="public")
    state.add_group("acme/support")
    for path in (*PRODUCT_PROJECTS, HANDBOOK):
        state.add_project(path, visibility="public")
    for path in (TRAINING, PAIRING, TEAM_META):
        state.add_project(path, visibility="internal")
    state.add_project(MANAGERS)
    state.add_group(ONE_TO_ONES)
    state.add_group(FOLLOW_UPS)


def _add_one_to_ones(state: GitlabState, team: Team) -> None:
    for engineer in team.engineers:
        path = f"{ONE_TO_ONES}/{engineer.username}"
        state.add_project(path)
        state.add_member(path, engineer.username, GUEST)
        state.add_member(path, engineer.reports_to, PLANNER)


def _add_follow_ups(state: GitlabState, team: Team) -> None:
    for manager in team.managers:
        path = f"{FOLLOW_UPS}/{manager.username}"
        state.add_project(path)
        state.add_member(path, manager.username, PLANNER)


def _add_members(state: GitlabState, team: Team) -> None:
    # Only the writing bot is in the group: anybody else there would read every private project below it.
    state.add_member("acme/support", WRITER, PLANNER)
    _join(state, [READER], (PRODUCT_GROUP, TRAINING, PAIRING, TEAM_META), REPORTER)
    managers = [manager.username for manager in team.managers]
    _join(state, managers, (MANAGERS,), PLANNER)
    _join(state, managers, (TRAINING, PAIRING, TEAM_META), MAINTAINER)
    _join(state, [engineer.username for engineer in team.engineers], (TRAINING, PAIRING, TEAM_META), DEVELOPER)
    for username, name in DEVELOPERS.items():
        add_developer(state, username, name)


def _add_team_group(state: GitlabState, team: Team) -> None:
    """A group with everybody in it and nothing below it: where `init` finds people."""
    state.add_group(TEAM_GROUP)
    _join(state, [engineer.username for engineer in team.engineers], [TEAM_GROUP], DEVELOPER)
    _join(state, [manager.username for manager in team.managers], [TEAM_GROUP], MAINTAINER)
    _join(state, [READER], [TEAM_GROUP], REPORTER)


def _join(state: GitlabState, usernames: Sequence[str], paths: Sequence[str], role: int) -> None:
    for path in paths:
        for username in usernames:
            state.add_member(path, username, role)
