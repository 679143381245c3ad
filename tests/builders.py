"""Domain values with everything ordinary filled in, so that a test names only what it is about."""

from datetime import UTC, date, datetime
from typing import Any, TypeVar

from reports.core.activity_links import Places
from reports.core.context import Correction, OnCall, Reduced, Unavailable, Unknown, WorkingDays
from reports.core.model import (
    Aggregation,
    Coverage,
    DefaultGoals,
    Evidence,
    Goal,
    GoalAgreement,
    GoalBook,
    GoalTerms,
    Measure,
    Period,
    Privacy,
    RuleSet,
)
from reports.core.people import Engineer, Focus, Manager, Role, Team
from reports.core.publication import DesiredIssue, ExistingIssue
from reports.core.weeks import DayRange, Week

T = TypeVar("T")

W46 = Week(2026, 46)
"""Mon 9 to Sun 15 November 2026."""
MONDAY = date(2026, 11, 9)

PLACES = Places(
    gitlab_url="https://gitlab.example.com",
    zendesk_url="https://acme.zendesk.example.com",
    product_group="gitlab-org",
    handbook_project="gitlab-com/handbook",
    training_project="acme/support/support-training",
    pairing_project="acme/support/support-pairing",
)


def _made(kind: type[T], ordinary: dict[str, Any], special: dict[str, Any]) -> T:
    return kind(**(ordinary | special))


def utc(text: str) -> datetime:
    """An instant from text such as `2026-11-09 08:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(first: str, last: str | None = None) -> DayRange:
    """Whole days, both included."""
    return DayRange(date.fromisoformat(first), date.fromisoformat(last or first))


def engineer(username: str = "iduarte", **special: Any) -> Engineer:
    """An intermediate engineer who started long ago."""
    ordinary = {
        "username": username,
        "name": username.title(),
        "email": f"{username}@example.com",
        "zendesk_id": 4410001,
        "level": "intermediate",
        "region": "EMEA",
        "focuses": (Focus(name="self_managed", percentage=100),),
        "reports_to": "plindqvist",
        "start_date": date(2024, 2, 5),
        "time_zone": "Europe/Lisbon",
    }
    return _made(Engineer, ordinary, special)


def role(since: str, **special: Any) -> Role:
    """What an engineer of these builders is from a day on: the same as before but for what is named."""
    ordinary = {
        "since": date.fromisoformat(since),
        "level": "intermediate",
        "region": "EMEA",
        "focuses": (Focus(name="self_managed", percentage=100),),
        "reports_to": "plindqvist",
        "time_zone": "Europe/Lisbon",
    }
    return _made(Role, ordinary, special)


def manager(username: str = "plindqvist", **special: Any) -> Manager:
    """A manager."""
    ordinary = {
        "username": username,
        "name": username.title(),
        "email": f"{username}@example.com",
        "region": "EMEA",
        "time_zone": "Europe/Stockholm",
    }
    return _made(Manager, ordinary, special)


def team(*engineers: Engineer, managers: tuple[Manager, ...] = (), time_zone: str = "UTC") -> Team:
    """A team of these engineers, or of one, under one manager."""
    return Team(
        name="Acme Support",
        time_zone=time_zone,
        engineers=engineers or (engineer(),),
        managers=managers or (manager(),),
    )


def away(first: str, last: str | None = None, *, who: str = "iduarte", fraction: float = 1.0) -> Unavailable:
    """Days off."""
    return Unavailable(who=who, days=days(first, last), fraction=fraction)


def on_call(first: str, last: str | None = None, *, who: str = "iduarte") -> OnCall:
    """An on-call shift."""
    return OnCall(who=who, days=days(first, last), rotation="ceoc")


def reduced(first: str, last: str | None = None, *, who: str = "iduarte", factor: float = 0.0) -> Reduced:
    """Days that lead an account escalation."""
    return Reduced(who=who, days=days(first, last), factor=factor, label="account escalation")


def works(*weekdays: int, who: str = "iduarte", since: str = "2024-02-05") -> WorkingDays:
    """A part-time arrangement; 0 is Monday."""
    return WorkingDays(who=who, valid_from=date.fromisoformat(since), weekdays=frozenset(weekdays))


def corrected(week: Week, available_days: float, *, who: str = "iduarte") -> Correction:
    """What the engineer said about a week."""
    return Correction(who=who, week=week, available_days=available_days)


def unknown(first: str, last: str | None = None, *, who: str = "iduarte") -> Unknown:
    """Days of a calendar that could not be read."""
    return Unknown(who=who, days=days(first, last), reason="their calendar could not be read")


def rules(**special: Any) -> RuleSet:
    """The rules of the 2023 handbook."""
    return _made(RuleSet, {"name": "handbook-2023", "effective_from": date(2023, 1, 1)}, special)


def goal(measure: str = "new_tickets", target: float = 5, per: Period = Period.WEEK, **special: Any) -> Goal:
    """A goal agreed by both sides."""
    ordinary = {
        "measure": measure,
        "target": target,
        "per": per,
        "agreed_by": ("iduarte", "plindqvist"),
        "agreed_on": date(2026, 6, 22),
        "is_draft": False,
    }
    return _made(Goal, ordinary, special)


def terms(measure: str = "new_tickets", target: float = 5, per: Period = Period.WEEK) -> GoalTerms:
    """How much of a measure per period."""
    return GoalTerms(measure=measure, target=target, per=per)


def defaults(*goals: GoalTerms, **special: Any) -> DefaultGoals:
    """Default goals for everyone."""
    return _made(DefaultGoals, {"level": None, "focus": None, "region": None, "goals": goals}, special)


def agreement(*goals: GoalTerms, **special: Any) -> GoalAgreement:
    """Goals that Ines and her manager agreed in June."""
    ordinary = {
        "who": "iduarte",
        "valid_from": date(2026, 6, 22),
        "valid_to": None,
        "agreed_by": ("iduarte", "plindqvist"),
        "goals": goals,
    }
    return _made(GoalAgreement, ordinary, special)


def goal_book(*agreements: GoalAgreement, default: tuple[DefaultGoals, ...] = ()) -> GoalBook:
    """All goals there are."""
    return GoalBook(defaults=default, agreements=agreements)


def measure(name: str = "new_tickets", **special: Any) -> Measure:
    """A measure that counts events of one stream."""
    ordinary = {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "unit": "tickets",
        "kind": Aggregation.COUNT,
        "direction": "more",
        "privacy": Privacy.P3,
        "definition": "What the test says.",
        "source": "Zendesk",
        "streams": ("zendesk.ticket_events",),
    }
    return _made(Measure, ordinary, special)


def evidence(at: str, name: str = "new_tickets", who: str = "iduarte", **special: Any) -> Evidence:
    """One event that counts."""
    ordinary = {
        "engineer": who,
        "measure": name,
        "at": utc(at),
        "value": 1.0,
        "url": f"https://acme.zendesk.example.com/agent/tickets/{at[-5:-3]}{at[-2:]}",
        "note": "taken",
    }
    return _made(Evidence, ordinary, special)


def coverage(
    stream: str = "zendesk.ticket_events", since: str = "2026-01-01", until: str = "2027-01-01", problem: str = ""
) -> Coverage:
    """A stream that was gathered for the whole year."""
    return Coverage(stream=stream, since=utc(since), until=utc(until), problem=problem)


def desired(key: str = "engineer_weekly/iduarte/2026-W46", **special: Any) -> DesiredIssue:
    """The weekly issue of Ines."""
    ordinary = {
        "key": key,
        "project": "acme/support/1-1s/iduarte",
        "title": "Weekly report 2026-W46: Ines Duarte",
        "body": "Week 2026-W46\n\nAll is well.",
        "labels": ("support-reports", "weekly-report"),
        "confidential": True,
        "assignees": ("iduarte",),
        "privacy": Privacy.P3,
        "readers": ("iduarte", "plindqvist"),
    }
    return _made(DesiredIssue, ordinary, special)


def existing(description: str, iid: int = 1, **special: Any) -> ExistingIssue:
    """An open issue that the bot wrote."""
    ordinary = {
        "project": "acme/support/1-1s/iduarte",
        "iid": iid,
        "title": "Weekly report 2026-W46: Ines Duarte",
        "description": description,
        "confidential": True,
        "state": "opened",
        "author": "support-reports-bot",
        "assignees": ("iduarte",),
        "url": f"https://gitlab.example.com/acme/support/1-1s/iduarte/-/issues/{iid}",
    }
    return _made(ExistingIssue, ordinary, special)
