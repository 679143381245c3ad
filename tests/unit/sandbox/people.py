"""A small organisation with the stories of the example, for tests of the made-up world."""

from datetime import date

from reports.core.context import Context, OnCall, Reduced, Unavailable, WorkingDays
from reports.core.people import Team
from tests.builders import days, engineer, manager

ORDINARY = ("crao", "fward", "lfischer", "nquist", "sortiz", "tbrooks", "wclark", "xrios")


def organisation() -> tuple[Team, Context]:
    """Eight ordinary engineers and the six with a story, in two regions."""
    regions = ("APAC", "EMEA", "AMER")
    people = [
        engineer(name, zendesk_id=4410101 + place, region=regions[place % 3], email=f"{name}@example.com")
        for place, name in enumerate((*ORDINARY, "ble", "iduarte", "jbeck", "kaziz", "mneri"))
    ]
    people.append(engineer("tbaker", zendesk_id=None, other_usernames=("tbaker-admin",)))
    people.append(engineer("znovak", zendesk_id=4410124, level="associate", start_date=date(2026, 9, 21)))
    team = Team(name="Test", time_zone="UTC", engineers=tuple(people), managers=(manager(),))
    return team, stories()


def stories() -> Context:
    """Leave, part time, on-call and an escalation, as in the example organisation."""
    return Context(
        unavailable=(Unavailable(who="ble", days=days("2026-08-17", "2026-10-11"), fraction=1.0),),
        on_call=(OnCall(who="iduarte", days=days("2026-10-26", "2026-11-01"), rotation="ceoc"),),
        reduced=(Reduced(who="jbeck", days=days("2026-11-09", "2026-11-11"), factor=0.0, label="account escalation"),),
        working_days=(WorkingDays(who="mneri", valid_from=date(2024, 1, 1), weekdays=frozenset(range(4))),),
    )
