"""Who in GitLab is who in Zendesk, for a first proposal of the team file: certain matches only, and doubts said aloud.

A wrong match would count one person's tickets for another, so a name that two people bear matches nobody.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

#: From this access level on (Maintainer) somebody is proposed as a manager.
LEADS = 40
#: From this access level on (Planner) somebody is proposed as a member of the team.
TAKES_PART = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member of the GitLab group; `email` is empty where GitLab does not show it, `joined` None where it does not say."""

    username: str
    name: str
    email: str
    access_level: int
    is_bot: bool
    joined: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAgent:
    """Somebody who may answer tickets in Zendesk; `time_zone` is an IANA name, empty when it is not known."""

    id: int
    name: str
    email: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A GitLab account with its Zendesk agent, None when there is no certain one; `by` says what they have in common."""

    account: Account
    agent: DeskAgent | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A first team: its managers, its engineers, and the agents that belong to none of them, each in alphabetical order."""

    managers: tuple[Match, ...]
    engineers: tuple[Match, ...]
    agents_left: tuple[DeskAgent, ...]

    @property
    def unmatched(self) -> tuple[Match, ...]:
        """The engineers whose agent nobody knows."""
        return tuple(match for match in self.engineers if match.agent is None)


_Key = Callable[[Account | DeskAgent], str]
_One = TypeVar("_One", bound=Account | DeskAgent)


def proposal(accounts: Iterable[Account], agents: Iterable[DeskAgent], managers: Collection[str] = ()) -> Proposal:
    """Match accounts to agents by e-mail address, else by whole name, else by the address' first part; bots take no part.

    The `managers` are those usernames; without any, whoever is Maintainer or Owner.
    """
    people = [account for account in accounts if not account.is_bot and account.access_level >= TAKES_PART]
    found: dict[str, Match] = {}
    left = list(agents)
    for by, key in _KEYS.items():
        pairs = _pairs([account for account in people if account.username not in found], left, key)
        found |= {account.username: Match(account=account, agent=agent, by=by) for account, agent in pairs}
        taken = {agent.id for _, agent in pairs}
        left = [agent for agent in left if agent.id not in taken]
    matches = [found.get(account.username, Match(account=account, agent=None, by="")) for account in people]
    matches.sort(key=lambda match: (match.account.name.casefold(), match.account.username))
    named = {name.casefold() for name in managers}
    leads = [one for one in matches if (one.account.username.casefold() in named if named else one.account.access_level >= LEADS)]
    return Proposal(
        managers=tuple(leads),
        engineers=tuple(match for match in matches if match not in leads),
        agents_left=tuple(sorted(left, key=lambda agent: (agent.name.casefold(), agent.id))),
    )


def _pairs(accounts: Sequence[Account], agents: Sequence[DeskAgent], key: _Key) -> list[tuple[Account, DeskAgent]]:
    """Accounts and agents that share a key which nobody else on either side has."""
    ours, theirs = _by_key(accounts, key), _by_key(agents, key)
    return [(ours[word][0], theirs[word][0]) for word in ours if word and len(ours[word]) == 1 and len(theirs.get(word, ())) == 1]


def _by_key(items: Iterable[_One], key: _Key) -> Mapping[str, Sequence[_One]]:
    groups: defaultdict[str, list[_One]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def _address(one: Account | DeskAgent) -> str:
    return one.email.casefold()


def _name(one: Account | DeskAgent) -> str:
    """The words of a name without accents, in any order: `Müller, Jörg` is `Jorg Muller`; a single word is no name."""
    plain = unicodedata.normalize("NFKD", one.name).casefold()
    letters = "".join(sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    words = sorted(letters.split())
    return " ".join(words) if len(words) > 1 else ""


def _handle(one: Account | DeskAgent) -> str:
    return one.username.casefold() if isinstance(one, Account) else one.email.partition("@")[0].casefold()


_KEYS: Mapping[str, _Key] = {"e-mail": _address, "name": _name, "username": _handle}
