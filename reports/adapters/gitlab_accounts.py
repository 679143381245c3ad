"""Whose GitLab account is whose: bots are nobody, and somebody renamed keeps the name that `team.yml` has; asks nothing.

This is the one place where an account's name becomes the name in a fact.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from reports.adapters.gitlab_shapes import Account, Camel
from reports.core.people import same_user

#: Usernames that GitLab gives to the users of access tokens and to service accounts, and its own users.
_BOT = re.compile(
    r"(?:project|group)_\d+_bot(?:_?[0-9a-f]*)|service_account(?:_group_\d+|_project_\d+)?_[0-9a-f]+|ghost\d*"
    r"|(?:support|alert|migration|security|automation|admin|visual-review)-bot\d*|gitlab-(?:security-policy|admin)-bot\d*",
    re.IGNORECASE,
)


class KnownAccount(Camel, frozen=True):
    """An account as GitLab lists it: its number, its name today, and whether it is a bot's or a service account's."""

    id: str
    username: str
    bot: bool


class TeamAccounts:
    """The accounts of the team: which are there, which have another name by now, and what each is called in a fact."""

    def __init__(self, people: Mapping[str, Sequence[str]], excluded: Iterable[str]) -> None:
        """`people` maps the username of everybody to all of their accounts, the one that names them among these."""
        self._excluded = {name.lower() for name in excluded}
        self._people = {person: tuple(accounts) for person, accounts in people.items()}
        listed = [account for accounts in self._people.values() for account in accounts]
        self.names = tuple(sorted(name for name in listed if name.lower() not in self._excluded))
        self._ids: dict[str, str] = {}
        self._met: set[str] = set()
        self._here: set[str] = set()
        self._renamed: dict[str, str] = {}
        self._called: dict[str, str] = {}
        self._bots: set[str] = set()

    # --- finding ----------------------------------------------------------------------------------

    def remember(self, ids: Mapping[str, str]) -> None:
        """What an earlier run knew: the number of each account, by its name in `team.yml`."""
        self._ids = {**ids, **self._ids}

    @property
    def ids(self) -> dict[str, str]:
        """The number of every account that was ever found, by its name in `team.yml`."""
        return {name: self._ids[name] for name in self.names if name in self._ids}

    def unmet(self) -> tuple[str, ...]:
        """The names that GitLab was not asked for yet."""
        return tuple(name for name in self.names if name not in self._met)

    def lost(self, names: Iterable[str], found: Iterable[KnownAccount]) -> list[str]:
        """The numbers to ask for after names: of accounts that are not found, or found to be somebody else's."""
        here = {account.id for account in found}
        return sorted({number for name in names if (number := self._ids.get(name))} - here)

    def meet(self, names: Iterable[str], found: Sequence[KnownAccount], by_number: Sequence[KnownAccount]) -> list[str]:
        """Take GitLab's answers to names and to numbers; gives what those are called today who must be asked for by that."""
        here = {account.username.lower(): account for account in found}
        numbers = {account.id: account for account in (*found, *by_number)}
        renamed: list[str] = []
        for name in names:
            self._met.add(name)
            account, known = here.get(name.lower()), numbers.get(self._ids.get(name, ""))
            if known is not None and known.username.lower() != name.lower():
                renamed += self._move(name, known)
            elif account is not None:
                self._ids[name] = account.id
                self._here.add(name)
                self._called[name.lower()] = name
        return renamed

    def _move(self, name: str, account: KnownAccount) -> list[str]:
        """Note a new name; whoever has the old one now is a stranger who happens to be called like one of the team."""
        self._renamed[name] = account.username
        self._called[name.lower()] = ""
        if any(same_user(account.username, other) for other in self.names):
            return []
        self._called[account.username.lower()] = name
        return [account.username]

    # --- telling ----------------------------------------------------------------------------------

    def name(self, account: Account | KnownAccount) -> str:
        """What an account is called in a fact: as in `team.yml` for the team, as in GitLab for others, nothing for a bot."""
        username = account.username.lower()
        if account.bot:
            self._bots.add(username)
        if username in self._excluded or username in self._bots or _BOT.fullmatch(username):
            return ""
        return self._called.get(username, account.username)

    def names_of(self, accounts: Iterable[Account]) -> tuple[str, ...]:
        """The names of several accounts in alphabetical order, each once, without those of nobody."""
        return tuple(sorted({name for account in accounts if (name := self.name(account))}))

    @property
    def unknown_people(self) -> tuple[str, ...]:
        """The usernames of people that GitLab has no account for, and whose numbers are unknown therefore."""
        return tuple(sorted(person for person in self._people if self._is_unknown(person)))

    def _is_unknown(self, name: str) -> bool:
        return name in self._met and name not in self._here and name not in self._renamed

    @property
    def hints(self) -> tuple[str, ...]:
        """What should be changed in `team.yml`, a sentence for each account; no number depends on it."""
        renamed = [
            f"{old} is called {new} in GitLab now and still counted: in team.yml write {new}, and {old} among other_usernames"
            for old, new in sorted(self._renamed.items())
            if not any(same_user(new, name) for name in self.names)
        ]
        others = [name for person, accounts in self._people.items() for name in accounts if name != person]
        gone = [f"GitLab has no account {name}, which team.yml names" for name in sorted(others) if self._is_unknown(name)]
        bots = [
            f"{name} is a bot's account in GitLab: what it does counts for nobody, though team.yml names it"
            for name in self.names
            if name.lower() in self._bots
        ]
        return (*renamed, *gone, *bots)
