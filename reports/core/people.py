"""The people of a support organisation as values: focus, engineer, manager, team."""

from dataclasses import dataclass
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
class Engineer:
    """A support engineer; `username` is the GitLab username and the key everywhere.

    `zendesk_id` and `pagerduty_id` are None when unknown.
    `country` and `subdivision` are those whose public holidays the person has off; None when nobody said.
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
    pagerduty_id: str | None = None

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

    def reports_of(self, manager: str) -> tuple[Engineer, ...]:
        """The engineers who report to a manager, by name: the only order people are ever listed in."""
        return tuple(sorted((e for e in self.engineers if e.reports_to == manager), key=lambda e: e.name))
