from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reports.core.people import Focus, Role
from tests.builders import engineer, manager, role, team

SAAS = (Focus(name="saas", percentage=100),)
MOVED = engineer(
    reports_to="hmori",
    changes=(role("2026-03-02", level="senior", reports_to="hmori"), role("2026-11-11", level="senior", focuses=SAAS)),
)

days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
roles = st.builds(
    role,
    days.map(date.isoformat),
    level=st.sampled_from(["associate", "intermediate", "senior"]),
    reports_to=st.sampled_from(["hmori", "ohart", "plindqvist"]),
)
changes = st.lists(roles, max_size=5, unique_by=lambda found: found.since).map(
    lambda found: tuple(sorted(found, key=lambda one: one.since))
)


def test_as_of__each_day_has_the_role_that_began_last() -> None:
    ines = [MOVED.as_of(date(2026, 3, 1)), MOVED.as_of(date(2026, 3, 2)), MOVED.as_of(date(2026, 11, 11))]

    assert [(e.level, e.reports_to, e.main_focus) for e in ines] == [
        ("intermediate", "hmori", "self_managed"),
        ("senior", "hmori", "self_managed"),
        ("senior", "plindqvist", "saas"),
    ]
    assert {(e.username, e.start_date, e.changes) for e in ines} == {("iduarte", date(2024, 2, 5), ())}


def test_as_of__somebody_who_never_changed_is_the_same_every_day() -> None:
    assert engineer().as_of(date(2020, 1, 1)) == engineer()


def test_managers__are_named_once_for_each_time_in_office() -> None:
    assert MOVED.managers(date(2026, 11, 10)) == ((None, "hmori"),)
    assert MOVED.managers(date(2026, 11, 11)) == ((None, "hmori"), (date(2026, 11, 11), "plindqvist"))


def test_team__lists_those_who_report_to_a_manager_on_the_day_by_name() -> None:
    people = team(MOVED, engineer("zoe"), engineer("ana"), managers=(manager(), manager("hmori")))

    def of(name: str, day: str) -> list[str]:
        return [e.username for e in people.reports_of(name, date.fromisoformat(day))]

    assert (of("plindqvist", "2026-11-10"), of("hmori", "2026-11-10")) == (["ana", "zoe"], ["iduarte"])
    assert (of("plindqvist", "2026-11-11"), of("hmori", "2026-11-11")) == (["ana", "iduarte", "zoe"], [])


@given(changes, days)
def test_as_of__what_comes_later_changes_nothing(found: tuple[Role, ...], day: date) -> None:
    begun = tuple(one for one in found if one.since <= day)

    assert engineer(changes=found).as_of(day) == engineer(changes=begun).as_of(day)
    assert engineer(changes=found).managers(day) == engineer(changes=begun).managers(day)


@given(changes, days)
def test_managers__the_last_one_is_the_manager_of_the_day_and_since_then(found: tuple[Role, ...], day: date) -> None:
    person = engineer(changes=found)
    since, name = person.managers(day)[-1]

    assert person.as_of(day).reports_to == name
    assert since is None or person.as_of(since - timedelta(days=1)).reports_to != name
