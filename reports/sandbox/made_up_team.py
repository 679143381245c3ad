"""An organisation of any size with invented names, for demos and benches beyond the example; reads no configuration."""

from datetime import date, timedelta

from reports.core.context import Context, OnCall, Unavailable, WorkingDays
from reports.core.people import Engineer, Focus, Manager, Team
from reports.core.weeks import DayRange, Week
from reports.sandbox.chance import between, chance
from reports.sandbox.example import EXAMPLE_WEEK

_GIVEN = (
    "Ada Bo Cira Dilan Eira Femi Goran Hema Ilse Jun Kofi Lior Mina Nils Oda Pavel Quinn Rosa Silas Tove Uri Vera Wim "
    "Xenia Yara Zeno"
)
_FAMILY = (
    "Abara Berg Castro Duval Eriksen Fonseca Gupta Huang Ivanov Jonsson Kaya Lund Moreau Nakai Oduya Petrov Qadir Rossi Sato "
    "Tran Ueda Varga Weiss Xu Yilmaz Zeman Adeleke Bauer Cohen Dahl Ebner Farkas Greco Holm Ito Jansen Kowal Leroy Mbeki Novak"
)
GIVEN, FAMILY = _GIVEN.split(), _FAMILY.split()
REGIONS = {"AMER": "America/New_York", "APAC": "Asia/Tokyo", "EMEA": "Europe/Amsterdam"}
LEVELS = ("associate", "intermediate", "intermediate", "senior")
FOCUSES = ("self_managed", "saas", "self_managed", "l_and_r", "saas")
REPORTS_PER_MANAGER = 8
FIRST_ZENDESK_ID = 4410001


def made_up_team(engineers: int, last_week: Week = EXAMPLE_WEEK) -> tuple[Team, Context]:
    """A team of that many engineers and its context around a week; ValueError outside 1 to 1,000."""
    if not 1 <= engineers <= 1000:
        raise ValueError(f"{engineers} engineers; choose 1 to 1,000")
    managers = tuple(_manager(number) for number in range(-(-engineers // REPORTS_PER_MANAGER)))
    people = tuple(_engineer(number, managers[number // REPORTS_PER_MANAGER]) for number in range(engineers))
    return Team(name="Made-up Support", time_zone="UTC", engineers=people, managers=managers), _context(people, last_week)


def _name(number: int) -> tuple[str, str]:
    # 26 and 40 share a factor of 2: stepping the second name by blocks keeps all 1,040 pairs apart.
    return GIVEN[number % len(GIVEN)], FAMILY[(number + number // len(GIVEN)) % len(FAMILY)]


def _username(number: int) -> str:
    given, family = _name(number)
    return f"{given}.{family}".lower()


def _manager(number: int) -> Manager:
    given, family = _name(number)
    region = tuple(REGIONS)[number % len(REGIONS)]
    return Manager(
        username=f"m.{_username(number)}",
        name=f"{given} M. {family}",
        email=f"m.{_username(number)}@example.com",
        region=region,
        time_zone=REGIONS[region],
    )


def _engineer(number: int, manager: Manager) -> Engineer:
    given, family = _name(number)
    return Engineer(
        username=_username(number),
        name=f"{given} {family}",
        email=f"{_username(number)}@example.com",
        zendesk_id=FIRST_ZENDESK_ID + number,
        level=LEVELS[number % len(LEVELS)],
        region=manager.region,
        focuses=(Focus(name=FOCUSES[number % len(FOCUSES)], percentage=100),),
        reports_to=manager.username,
        start_date=date(2023, 1, 9) + timedelta(weeks=number % 100),
        time_zone=manager.time_zone,
    )


def _context(people: tuple[Engineer, ...], last_week: Week) -> Context:
    away, calls, days = [], [], []
    for number, engineer in enumerate(people):
        rng = chance("context", engineer.username)
        first = last_week.plus(-between(rng, 1, 15)).first_day
        away.append(
            Unavailable(who=engineer.username, days=DayRange(first, first + timedelta(days=between(rng, 0, 12))), fraction=1.0)
        )
        if number % 9 == 4:
            call = last_week.plus(-(number % 16))
            calls.append(OnCall(who=engineer.username, days=DayRange(call.first_day, call.last_day), rotation="ceoc"))
        if number % 15 == 7:
            days.append(WorkingDays(who=engineer.username, valid_from=date(2024, 1, 1), weekdays=frozenset(range(4))))
    return Context(unavailable=tuple(away), on_call=tuple(calls), working_days=tuple(days))
