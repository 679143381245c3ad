"""The people of a support organisation as values: focus, role, engineer, manager, team; roles change on days."""

from dataclasses import dataclass, fields, replace
from datetime import date
from zoneinfo import ZoneInfo


def same_user(one: str, other: str) -> bool:
    """Whether two usernames are the same account: GitLab takes no notice of capital letters."""
    return one.casefold() == other.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """An area of focus and the share of the person's time it has, in percent."""

    name: str
    percentage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """All that can change about an engineer, as it is from the day `since` on."""

    since: date
    level: str
    region: str
    focuses: tuple[Focus, ...]
    reports_to: str
    time_zone: str
    country: str | None = None
    subdivision: str | None = None
    entity: str | None = None


_CHANGING = tuple(field.name for field in fields(Role) if field.name != "since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engineer:
    """A support engineer; `username` is the GitLab username and the key everywhere.

    `zendesk_id` and `pagerduty_id` are None when unknown. What the `other_usernames` and `other_zendesk_ids` do is theirs too.
    `country` and `subdivision` are those whose public holidays the person has off, `entity` is the legal entity that employs
    them; None when nobody said. The role that stands here is the first one; each of `changes`, oldest first, takes its place
    from its day on: see `as_of`.
    """

    username: str
    name: str
    email: str
    zendesk_id: int | None
    level: str
    region: str
    focuses: tuple[Focus, ...]
    reports_to: str
    start_date: date
    time_zone: str
    country: str | None = None
    subdivision: str | None = None
    entity: str | None = None
    pagerduty_id: str | None = None
    other_usernames: tuple[str, ...] = ()
    other_zendesk_ids: tuple[int, ...] = ()
    changes: tuple[Role, ...] = ()

    def as_of(self, day: date) -> "Engineer":
        """The engineer in the role of a day, who changes no more."""
        if not self.changes:
            return self
        begun = [role for role in self.changes if role.since <= day]
        if not begun:
            return replace(self, changes=())
        return replace(self, changes=(), **{name: getattr(begun[-1], name) for name in _CHANGING})

    def managers(self, day: date) -> tuple[tuple[date | None, str], ...]:
        """Whom the engineer reported to up to a day, oldest first, and since when; the first one since None."""
        found: list[tuple[date | None, str]] = [(None, self.reports_to)]
        for role in self.changes:
            if role.since <= day and role.reports_to != found[-1][1]:
                found.append((role.since, role.reports_to))
        return tuple(found)

    @property
    def usernames(self) -> tuple[str, ...]:
        """Every GitLab account of the person, the one that names them first."""
        return (self.username, *self.other_usernames)

    @property
    def main_focus(self) -> str:
        """The focus with the largest share; the first one named wins a tie."""
        return max(self.focuses, key=lambda focus: focus.percentage).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """A support manager, who reads the weekly issues of the people that report to them."""

    username: str
    name: str
    email: str
    region: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The organisation: its name, the zone its weeks are counted in, and its people."""

    name: str
    time_zone: str
    engineers: tuple[Engineer, ...]
    managers: tuple[Manager, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The zone that weeks are counted in."""
        return ZoneInfo(self.time_zone)

    def engineer(self, username: str) -> Engineer:
        """The engineer with that username; KeyError when there is none."""
        return {e.username: e for e in self.engineers}[username]

    def manager(self, username: str) -> Manager:
        """The manager with that username; KeyError when there is none."""
        return {m.username: m for m in self.managers}[username]

    def as_of(self, day: date) -> "Team":
        """The team with everybody in the role of a day."""
        return replace(self, engineers=tuple(engineer.as_of(day) for engineer in self.engineers))

    def reports_of(self, manager: str, day: date) -> tuple[Engineer, ...]:
        """The engineers who report to a manager on a day, by name: the only order people are ever listed in."""
        return tuple(sorted((e for e in self.as_of(day).engineers if e.reports_to == manager), key=lambda e: e.name))


def names_of(team: Team) -> frozenset[str]:
    """Every word by which somebody in the team could be told: usernames, names, addresses."""
    people: list[Engineer | Manager] = [*team.engineers, *team.managers]
    names = {word for person in people for word in (person.username, person.name, person.email)}
    return frozenset(names | {name for engineer in team.engineers for name in engineer.other_usernames})
