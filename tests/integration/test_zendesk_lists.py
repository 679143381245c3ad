"""The lists of Zendesk against the sandbox over real HTTP: agents, groups, statuses, promises, and what customers thought."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest

from reports.adapters.zendesk_lists import DeskSettings
from reports.core.facts import (
    Agent,
    AgentGroup,
    AgentGroupMembership,
    BusinessHours,
    CustomStatus,
    SatisfactionRating,
    SlaTarget,
)
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.ports import ActivitySource, Page
from reports.sandbox.zendesk_account import ADMIN_ID, BOT_ID, FIRST_MANAGER_ID, LIGHT_AGENT_ID
from reports.sandbox.zendesk_promises import Holiday, Rating
from reports.sandbox.zendesk_state import ZendeskUser
from tests.zendesk_account import small_account
from tests.zendesk_service import NOW, Service, service

AGENTS, MEMBERSHIPS, GROUPS = "zendesk.agents", "zendesk.group_memberships", "zendesk.groups"
STATUSES, POLICIES, SCHEDULES = "zendesk.custom_statuses", "zendesk.sla_policies", "zendesk.schedules"
SATISFACTION = "zendesk.satisfaction"
START = datetime(2026, 11, 2, tzinfo=UTC)
WINDOW = Window(START, NOW)
FIRST = int(START.timestamp())
DAY = timedelta(days=1)

T = TypeVar("T")


@pytest.fixture
def zendesk() -> Iterator[Service]:
    with service(small_account()) as served:
        yield served


def read(zendesk: Service, stream: str, cursor: str | None = None, settings: DeskSettings | None = None) -> list[Page]:
    return list(zendesk.lists(settings).pages(stream, WINDOW, cursor))


def facts(pages: Sequence[Page], kind: type[T]) -> list[T]:
    return [fact for page in pages for fact in page.facts if isinstance(fact, kind)]


# --- who is there -----------------------------------------------------------------------------


def test_agents__are_told_apart_by_role_and_never_named(zendesk: Service) -> None:
    contributor = ZendeskUser(id=4600001, name="CANARY", email="c@x.y", role="agent", created_at=FIRST, role_type=3)
    gone = ZendeskUser(id=4600002, name="CANARY", email="g@x.y", role="agent", created_at=FIRST, suspended=True)
    zendesk.state.add_users([contributor, gone])

    pages = read(zendesk, AGENTS, settings=DeskSettings(bots={BOT_ID}))

    assert {agent.id: agent.role for agent in facts(pages, Agent)} == {
        FIRST_MANAGER_ID: "agent",
        ADMIN_ID: "admin",
        4410001: "agent",
        4410002: "agent",
        LIGHT_AGENT_ID: "light_agent",
        BOT_ID: "agent",
        4600001: "contributor",
        4600002: "agent",
    }
    assert {agent.id for agent in facts(pages, Agent) if agent.is_bot} == {BOT_ID}
    assert {agent.id for agent in facts(pages, Agent) if not agent.is_active} == {4600002}
    assert {agent.seen_at for agent in facts(pages, Agent)} == {NOW}
    assert "CANARY" not in repr(pages)


def test_agents__more_than_a_page_are_one_reading(zendesk: Service) -> None:
    people = (ZendeskUser(id=n, name="CANARY", email="c@x.y", role="agent", created_at=FIRST) for n in range(1, 251))
    zendesk.state.add_users(people)

    (page,) = read(zendesk, AGENTS)

    assert len(page.facts) == 256
    assert len(zendesk.asked_for()) == 3


def test_groups_and_memberships__are_listed(zendesk: Service) -> None:
    groups, memberships = facts(read(zendesk, GROUPS), AgentGroup), facts(read(zendesk, MEMBERSHIPS), AgentGroupMembership)

    assert {group.name for group in groups} == {"AMER", "APAC", "EMEA", "Support"}
    assert {row.agent_id for row in memberships} == {4410001, 4410002}
    assert {row.group_id for row in memberships} <= {group.id for group in groups}


def test_statuses__tell_their_category_and_whether_they_are_used(zendesk: Service) -> None:
    statuses = facts(read(zendesk, STATUSES), CustomStatus)

    assert {(status.category, status.is_active) for status in statuses if status.id >= 9900101} == {
        ("hold", True),
        ("pending", False),
    }
    assert len(statuses) == 7


# --- how often --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "days"), [(AGENTS, 1), (MEMBERSHIPS, 1), (GROUPS, 7), (STATUSES, 7), (POLICIES, 7), (SCHEDULES, 7)]
)
def test_a_list__is_read_again_when_the_last_reading_is_old_enough(zendesk: Service, stream: str, days: int) -> None:
    first = read(zendesk, stream)[-1]
    zendesk.asked_for()
    zendesk.clock.moment = NOW + days * DAY - timedelta(hours=13)

    (young,) = read(zendesk, stream, first.cursor)

    assert (young.facts, young.cursor, young.until) == ((), first.cursor, zendesk.clock.moment)
    assert zendesk.asked_for() == []
    # A job that starts a little earlier than last time still reads.
    zendesk.clock.moment = NOW + days * DAY - timedelta(minutes=30)
    assert read(zendesk, stream, first.cursor)[-1].facts
    assert zendesk.asked_for()


def test_a_daily_run__with_nothing_new_asks_at_most_eight_times_for_a_hundred_engineers(zendesk: Service) -> None:
    people = [ZendeskUser(id=n, name="CANARY", email="c@x.y", role="agent", created_at=FIRST) for n in range(1, 97)]
    zendesk.state.add_users(people)
    zendesk.state.promises.ratings.append(_rating(1))
    sources: list[ActivitySource] = [zendesk.exports(), zendesk.lists()]
    cursors = {stream: list(source.pages(stream, WINDOW, None))[-1].cursor for source in sources for stream in source.streams}
    zendesk.asked.clear()
    zendesk.clock.moment = NOW + DAY

    for source in sources:
        for stream in source.streams:
            list(source.pages(stream, Window(START, NOW + DAY), cursors[stream]))

    # Three exports, two pages of agents, one of memberships, one of ratings, and what a token costs.
    assert len(zendesk.asked_for()) == 7


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize(
    ("stream", "path"), [(STATUSES, "custom_statuses"), (POLICIES, "slas/policies"), (SCHEDULES, "business_hours")]
)
def test_a_plan__without_something_gives_an_empty_list_that_reaches_to_the_present(
    zendesk: Service, stream: str, path: str, status: int
) -> None:
    zendesk.state.withheld[path] = status

    (page,) = read(zendesk, stream)

    assert (page.facts, page.until) == ((), NOW)


@pytest.mark.parametrize("stream", [AGENTS, GROUPS, MEMBERSHIPS])
def test_agents_and_groups__every_account_has_so_a_refusal_is_a_failure(zendesk: Service, stream: str) -> None:
    zendesk.state.withheld[stream.removeprefix("zendesk.").replace("agents", "users")] = 403

    with pytest.raises(SourceError, match="does not let the token read this"):
        read(zendesk, stream)


# --- promises ---------------------------------------------------------------------------------


def test_policies__become_targets_in_seconds_without_their_titles(zendesk: Service) -> None:
    pages = read(zendesk, POLICIES)

    targets = {(t.metric, t.priority): (t.target_seconds, t.in_business_hours) for t in facts(pages, SlaTarget)}
    assert targets["first_reply_time", "urgent"] == (30 * 60, False)
    assert targets["next_reply_time", "low"] == (1440 * 60, True)
    assert len(targets) == 8
    assert "CANARY" not in repr(pages)


def test_schedules__tell_hours_zone_and_days_off_and_which_is_the_default(zendesk: Service) -> None:
    pages = read(zendesk, SCHEDULES, settings=DeskSettings(schedule="Sales hours"))

    support, sales = sorted(facts(pages, BusinessHours), key=lambda hours: hours.schedule_id)
    assert (support.time_zone, support.opens[0], support.closes[-1]) == ("Europe/Berlin", 1440, 6 * 1440)
    assert "2026-12-25/2026-12-26" in support.holidays
    assert (sales.time_zone, sales.opens[0], sales.closes[0]) == ("America/New_York", 1980, 2460)
    assert (support.is_default, sales.is_default) == (False, True)
    assert "CANARY" not in repr([page.facts for page in pages]) + pages[-1].cursor


def test_schedules__without_a_name_the_oldest_is_the_default(zendesk: Service) -> None:
    assert [hours.is_default for hours in facts(read(zendesk, SCHEDULES), BusinessHours)] == [True, False]


def test_schedules__a_name_that_is_none_is_said_and_not_guessed(zendesk: Service) -> None:
    with pytest.raises(SourceError, match=r"no schedule with the name that zendesk\.schedule gives \(Nights\)"):
        read(zendesk, SCHEDULES, settings=DeskSettings(schedule="Nights"))


def test_schedules__a_zone_that_nobody_knows_is_said(zendesk: Service) -> None:
    zendesk.state.promises.schedules[0] = replace(zendesk.state.promises.schedules[0], time_zone="Atlantis")

    with pytest.raises(SourceError, match="a time zone that is not known here: Atlantis"):
        read(zendesk, SCHEDULES)


def test_schedules__a_change_is_a_version_from_its_own_time_on_and_the_old_one_stays(zendesk: Service) -> None:
    first = read(zendesk, SCHEDULES)[-1]
    changed = NOW + 3 * DAY
    zendesk.state.promises.schedules[0] = replace(
        zendesk.state.promises.schedules[0], intervals=((1980, 2460),), updated_at=int(changed.timestamp())
    )
    zendesk.clock.moment = NOW + 7 * DAY

    second = read(zendesk, SCHEDULES, first.cursor)[-1]

    versions = [hours for hours in facts([second], BusinessHours) if hours.schedule_id == 8700001]
    assert [hours.valid_from for hours in versions] == [datetime(2020, 1, 6, tzinfo=UTC), changed]
    assert [hours.opens for hours in versions] == [(1440, 2880, 4320, 5760, 7200), (1980,)]
    assert facts([first], BusinessHours)[0] == versions[0]
    zendesk.clock.moment = NOW + 14 * DAY
    assert facts(read(zendesk, SCHEDULES, second.cursor), BusinessHours) == facts([second], BusinessHours)


def test_schedules__a_day_off_that_does_not_move_the_schedules_time_counts_from_the_reading_on(zendesk: Service) -> None:
    first = read(zendesk, SCHEDULES)[-1]
    extra = Holiday(id=1, name="CANARY", first=date(2026, 11, 20), last=date(2026, 11, 20))
    support = zendesk.state.promises.schedules[0]
    zendesk.state.promises.schedules[0] = replace(support, holidays=(*support.holidays, extra))
    zendesk.clock.moment = NOW + 7 * DAY

    versions = facts(read(zendesk, SCHEDULES, first.cursor), BusinessHours)

    assert [hours.valid_from for hours in versions if "2026-11-20/2026-11-20" in hours.holidays] == [NOW + 7 * DAY]


# --- satisfaction -----------------------------------------------------------------------------


def _rating(number: int, score: str = "good", rated: datetime | None = None, sent: datetime | None = None) -> Rating:
    return Rating(
        id=number,
        ticket_id=number * 10,
        requester_id=5500001,
        assignee_id=4410001,
        group_id=None,
        score=score,
        comment="CANARY words",
        sent_at=int((sent or START).timestamp()),
        rated_at=int((rated or START + DAY).timestamp()),
    )


def scores(pages: Sequence[Page]) -> list[tuple[int, str]]:
    return [(rating.ticket_id, rating.score) for rating in facts(pages, SatisfactionRating)]


def test_satisfaction__ratings_tell_score_time_and_whose_the_ticket_was(zendesk: Service) -> None:
    zendesk.state.promises.ratings += [_rating(1), _rating(2, "offered"), _rating(3, "bad")]

    pages = read(zendesk, SATISFACTION)

    assert facts(pages, SatisfactionRating)[0] == SatisfactionRating(
        id="1", ticket_id=10, at=START + DAY, score="good", assignee_id=4410001
    )
    assert scores(pages) == [(10, "good"), (30, "bad")]
    assert pages[-1].until == NOW
    assert "CANARY" not in repr(pages)
    assert zendesk.asked_for() == ["/api/v2/satisfaction_ratings.json"]


def test_satisfaction__surveys_are_found_where_there_are_no_ratings(zendesk: Service) -> None:
    zendesk.state.promises.ratings_by = "surveys"
    zendesk.state.promises.ratings += [_rating(1), _rating(2, "offered"), _rating(3, "bad")]

    first = read(zendesk, SATISFACTION)
    asked = zendesk.asked_for()
    zendesk.clock.moment = NOW + DAY
    again = read(zendesk, SATISFACTION, first[-1].cursor)

    assert scores(first) == [(10, "good"), (30, "bad")]
    assert {rating.assignee_id for rating in facts(first, SatisfactionRating)} == {None}
    assert asked == ["/api/v2/satisfaction_ratings.json", "/api/v2/guide/survey_responses"]
    assert zendesk.asked_for() == ["/api/v2/guide/survey_responses"], "which API the account has is remembered"
    assert scores(again) == []
    assert "CANARY" not in repr([first, again])


def test_satisfaction__a_survey_sent_weeks_ago_is_found_when_it_is_answered(zendesk: Service) -> None:
    zendesk.state.promises.ratings_by = "surveys"
    zendesk.state.promises.ratings += [_rating(1, "offered", sent=NOW - 20 * DAY), _rating(2)]
    first = read(zendesk, SATISFACTION)
    zendesk.state.promises.ratings[0] = _rating(1, "bad", rated=NOW + timedelta(hours=5), sent=NOW - 20 * DAY)
    zendesk.clock.moment = NOW + DAY

    assert scores(read(zendesk, SATISFACTION, first[-1].cursor)) == [(10, "bad")]


def test_satisfaction__surveys_are_read_once_a_day_and_say_how_far_they_reach(zendesk: Service) -> None:
    zendesk.state.promises.ratings_by = "surveys"
    zendesk.state.promises.ratings.append(_rating(1))
    first = read(zendesk, SATISFACTION)[-1]
    zendesk.asked_for()
    zendesk.clock.moment = NOW + timedelta(hours=1)

    (young,) = read(zendesk, SATISFACTION, first.cursor)

    assert (young.facts, young.cursor, young.until) == ((), first.cursor, NOW)
    assert zendesk.asked_for() == []


@pytest.mark.parametrize("api", ["ratings", "surveys"])
def test_satisfaction__more_than_a_page_is_followed_to_the_end(zendesk: Service, api: str) -> None:
    zendesk.state.promises.ratings_by = "ratings" if api == "ratings" else "surveys"
    zendesk.state.promises.ratings += [_rating(number) for number in range(1, 221)]

    pages = read(zendesk, SATISFACTION)

    assert sorted(ticket for ticket, _ in scores(pages)) == [number * 10 for number in range(1, 221)]
    assert [page.until for page in pages[:-1]] == [None] * (len(pages) - 1)
    assert {page.cursor for page in pages[:-1]} == {""}, "the cursor moves only when all is read"


def test_satisfaction__a_changed_mind_comes_again_under_the_same_id(zendesk: Service) -> None:
    zendesk.state.promises.ratings.append(_rating(1, "bad"))
    first = read(zendesk, SATISFACTION)
    zendesk.state.promises.ratings[0] = _rating(1, "good", rated=NOW + timedelta(hours=1))
    zendesk.clock.moment = NOW + timedelta(hours=2)

    (changed,) = facts(read(zendesk, SATISFACTION, first[-1].cursor), SatisfactionRating)

    assert (changed.id, changed.score, changed.at) == ("1", "good", NOW + timedelta(hours=1))


def test_satisfaction__an_account_without_either_is_asked_again_after_a_week(zendesk: Service) -> None:
    zendesk.state.withheld |= {"satisfaction_ratings": 403, "guide/survey_responses": 404}
    first = read(zendesk, SATISFACTION)[-1]
    assert len(zendesk.asked_for()) == 2
    zendesk.clock.moment = NOW + DAY
    second = read(zendesk, SATISFACTION, first.cursor)[-1]
    assert (second.facts, second.until, zendesk.asked_for()) == ((), NOW + DAY, [])

    zendesk.clock.moment = NOW + 7 * DAY
    zendesk.state.withheld.clear()
    zendesk.state.promises.ratings.append(_rating(1, rated=NOW + 6 * DAY + timedelta(hours=23)))

    assert scores(read(zendesk, SATISFACTION, second.cursor)) == [(10, "good")]


def test_satisfaction__an_api_that_was_there_and_is_refused_is_a_failure(zendesk: Service) -> None:
    zendesk.state.promises.ratings.append(_rating(1))
    first = read(zendesk, SATISFACTION)[-1]
    zendesk.state.withheld["satisfaction_ratings"] = 403

    with pytest.raises(SourceError, match="does not let the token read this"):
        read(zendesk, SATISFACTION, first.cursor)
