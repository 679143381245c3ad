"""Who is in a GitLab group, for a first proposal of the team; reads roles and names, and addresses only where they are shown."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

import gitlab
import requests

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_accounts import KnownAccount, TeamAccounts
from reports.adapters.gitlab_client import GONE, GitlabClient
from reports.adapters.gitlab_people import batches
from reports.adapters.gitlab_shapes import Camel
from reports.core.proposal import Account
from reports.errors import SourceError


class _Accounts(Camel, frozen=True):
    nodes: list[KnownAccount]


class _AccountsAnswer(Camel, frozen=True):
    users: _Accounts


def group_accounts(client: GitlabClient, group: str) -> tuple[Account, ...]:
    """The active members of a group, direct, inherited and invited ones, each with the highest role.

    Raises SourceError when GitLab cannot be read, or has no such group for the token.
    """
    _require(client, group)
    rows = client.listed(f"/groups/{quote(group, safe='')}/members/all", f"list the members of {group}")
    active = {row["username"]: row for row in rows if row["state"] == "active"}
    bots = _bots(client, list(active))
    return tuple(_account(row, username in bots) for username, row in active.items())


def _require(client: GitlabClient, group: str) -> None:
    """A list of a group that is not there would be an empty one."""
    try:
        client.api.groups.get(group, with_projects=False)
    except gitlab.GitlabGetError as error:
        if error.response_code != GONE:
            raise client.failure(f"look for the group {group}", error) from error
        raise SourceError(
            f"{client.url} has no group {group}, or the token cannot see it",
            "Give the full path as the group's address has it, such as acme/support, and the token's user a role there.",
        ) from error
    except (gitlab.GitlabError, requests.RequestException) as error:
        raise client.failure(f"look for the group {group}", error) from error


def _bots(client: GitlabClient, usernames: list[str]) -> set[str]:
    """Those that GitLab says are bots or service accounts, or that bear a name it gives to these."""
    known = TeamAccounts({}, ())
    return {
        account.username
        for some in batches(usernames, queries.ACCOUNTS_PER_QUERY)
        for account in _asked(client, some)
        if not known.name(account)
    }


def _asked(client: GitlabClient, usernames: list[str]) -> Iterator[KnownAccount]:
    yield from client.query(queries.ACCOUNTS, {"names": usernames}, _AccountsAnswer).users.nodes


def _account(row: dict[str, Any], is_bot: bool) -> Account:
    joined = row.get("created_at")
    return Account(
        username=row["username"],
        name=row["name"],
        email=row.get("email") or row.get("public_email") or "",
        access_level=int(row["access_level"]),
        is_bot=is_bot,
        joined=date.fromisoformat(joined[:10]) if joined else None,
    )
