from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Barrier

import pytest

from reports.core.audience import Member
from reports.core.publication import DesiredIssue, Kind
from reports.core.weeks import Window
from reports.errors import PublishError
from reports.jobs import applying, gathering, pipeline
from reports.ports import Page, Progress
from tests.builders import W46, desired, utc
from tests.fakes import BOT, FakeSource, FakeTracker, MemoryStore

NEEDED = Window(utc("2026-07-01"), utc("2026-11-16"))
NOW = utc("2026-11-16 06:00")
SINCE = utc("2026-11-02")
INES, JONAS = "acme/support/1-1s/iduarte", "acme/support/1-1s/jbeck"


def silent(progress: Progress) -> None:
    pass


def for_jonas() -> DesiredIssue:
    return desired("engineer_weekly/jbeck/2026-W46", project=JONAS, assignees=("jbeck",), readers=("jbeck", "plindqvist"))


def tracker(*more: Member, refuses: frozenset[str] = frozenset()) -> FakeTracker:
    bot = Member(user_id=1, username=BOT, access_level=15)
    members = {
        INES: (bot, Member(user_id=2, username="iduarte", access_level=10), *more),
        JONAS: (bot, Member(user_id=3, username="jbeck", access_level=10)),
    }
    return FakeTracker(members, refuses)


class MeetingSource(FakeSource):
    """Waits for another source before its first page."""

    def __init__(self, stream: str, meeting: Barrier) -> None:
        super().__init__(stream)
        self._meeting = meeting

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        self._meeting.wait()
        yield from super().pages(stream, window, cursor)


class BrokenSource(FakeSource):
    """Has a bug."""

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        raise ZeroDivisionError


class EndlessSource(FakeSource):
    """Yields pages until nobody asks any more."""

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        for number in count():
            yield Page(stream=stream, facts=(), cursor=str(number), until=None)


# --- gather ---------------------------------------------------------------------------------------


def test_gather__asks_each_stream_from_the_start_until_shortly_before_now() -> None:
    source, store = FakeSource("gitlab.issues"), MemoryStore()

    reached = gathering.gather([source], store, NEEDED, NOW, silent).coverage

    assert source.asked == [(Window(NEEDED.start, NOW - timedelta(minutes=2)), None)]
    assert [(c.stream, c.since, c.until, c.problem) for c in reached] == [
        ("gitlab.issues", NEEDED.start, NOW - timedelta(minutes=2), "")
    ]


def test_gather__continues_where_it_ended() -> None:
    source, store = FakeSource("gitlab.issues"), MemoryStore()

    for _ in range(2):
        gathering.gather([source], store, NEEDED, NOW, silent)

    assert [cursor for _, cursor in source.asked] == [None, "end"]


def test_gather__begins_anew_when_earlier_facts_are_needed() -> None:
    source, store = FakeSource("gitlab.issues"), MemoryStore()
    gathering.gather([source], store, NEEDED, NOW, silent)

    gathering.gather([source], store, Window(utc("2026-04-01"), NEEDED.end), NOW, silent)

    assert source.asked[-1][1] is None
    assert store.reaches["gitlab.issues"].since == utc("2026-04-01")


def test_gather__a_source_that_fails_is_a_problem_and_the_others_go_on() -> None:
    broken, fine = FakeSource("zendesk.tickets", failure="Zendesk answered 500"), FakeSource("gitlab.issues")

    gathered = gathering.gather([broken, fine], MemoryStore(), NEEDED, NOW, silent)
    reached = {c.stream: c for c in gathered.coverage}

    assert (reached["zendesk.tickets"].problem, reached["zendesk.tickets"].until) == ("Zendesk answered 500", None)
    assert {stream: error.hint for stream, error in gathered.failures.items()} == {"zendesk.tickets": "try again"}
    assert (reached["gitlab.issues"].problem, reached["gitlab.issues"].until) == ("", NOW - timedelta(minutes=2))


def test_gather__sources_are_read_side_by_side() -> None:
    """Each of the two goes on only when the other has begun; one after the other they would wait for ever."""
    meeting = Barrier(2, timeout=10)
    first, second = MeetingSource("zendesk.tickets", meeting), MeetingSource("gitlab.issues", meeting)

    gathered = gathering.gather([first, second], MemoryStore(), NEEDED, NOW, silent)

    assert gathered.failures == {}
    assert gathered.rows == {"zendesk.tickets": 0, "gitlab.issues": 0}


def test_gather__what_is_told_and_brought_is_in_the_order_of_the_sources() -> None:
    sources = [FakeSource(f"gitlab.stream_{number}", failure="GitLab answered 500") for number in range(8)]

    gathered = gathering.gather(sources, MemoryStore(), NEEDED, NOW, silent)

    assert list(gathered.failures) == list(gathered.rows) == [source.stream for source in sources]


def test_gather__a_bug_in_one_thread_stops_the_others_and_surfaces() -> None:
    broken, endless = BrokenSource("gitlab.issues"), EndlessSource("zendesk.tickets")
    gave_up: list[bool] = []

    with pytest.raises(ZeroDivisionError):
        gathering.gather([endless, broken], MemoryStore(), NEEDED, NOW, silent, lambda: gave_up.append(True))

    assert gave_up == [True]


def test_gather__says_how_far_a_stream_is_by_the_moment_it_has_reached() -> None:
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)

    half = NEEDED.start + (NOW - timedelta(minutes=2) - NEEDED.start) / 2
    source = FakeSource("zendesk.tickets", batches=((),), reaches=half)

    gathering.gather([source], MemoryStore(), NEEDED, NOW, tell)

    assert [(one.part, one.detail, one.fraction) for one in told] == [
        ("zendesk.tickets", "", 0.0),
        ("zendesk.tickets", "0 rows, until 2026-09-08 02:59 UTC", 0.5),
        ("zendesk.tickets", "0 rows, until 2026-11-16 05:58 UTC", 1.0),
        ("zendesk.tickets", "0 rows", 1.0),
    ]


def test_gather__a_run_that_is_well_again_forgets_the_problem() -> None:
    source, store = FakeSource("zendesk.tickets", failure="Zendesk answered 500"), MemoryStore()
    gathering.gather([source], store, NEEDED, NOW, silent)

    source.failure = ""
    gathered = gathering.gather([source], store, NEEDED, NOW, silent)

    assert gathered.failures == {}
    assert [c.problem for c in gathered.coverage] == [""]


# --- plan and apply -------------------------------------------------------------------------------


def applied(plan: pipeline.PublicationPlan, place: FakeTracker) -> pipeline.Applied:
    return applying.apply(plan.actions, place, silent)


def planned(issues: list[DesiredIssue], place: FakeTracker) -> pipeline.PublicationPlan:
    return pipeline.plan(issues, place, W46, SINCE)


def test_apply__a_second_run_plans_nothing_and_writes_nothing() -> None:
    place, wanted = tracker(), [desired(), for_jonas()]

    first = applied(planned(wanted, place), place)
    writes = place.writes
    second = applied(planned(wanted, place), place)

    assert (first.created, writes) == (2, 2)
    assert (second.created, second.updated, second.closed, second.unchanged) == (0, 0, 0, 2)
    assert place.writes == writes


def test_apply__next_week_opens_the_new_issue_and_closes_the_old_one() -> None:
    place = tracker()
    applied(planned([desired()], place), place)

    outcome = applied(planned([desired("engineer_weekly/iduarte/2026-W47")], place), place)

    assert (outcome.created, outcome.closed) == (1, 1)
    assert [issue.state for issue in place.there[INES]] == ["closed", "opened"]


def test_plan__an_issue_that_the_wrong_eyes_could_read_is_refused_and_the_others_go_on() -> None:
    place = tracker(Member(user_id=9, username="mallory", access_level=20))

    plan = planned([desired(), for_jonas()], place)
    outcome = applied(plan, place)

    assert [(v.key, v.reason) for v in plan.violations] == [
        ("engineer_weekly/iduarte/2026-W46", "mallory (access level 20) could read it")
    ]
    assert outcome.created == 1
    assert INES not in place.there


def test_apply__an_issue_that_is_refused_does_not_stop_the_others_and_comes_with_the_next_run() -> None:
    place, wanted = tracker(refuses=frozenset({desired().key})), [desired(), for_jonas()]

    outcome = applied(planned(wanted, place), place)

    assert (outcome.created, outcome.failures) == (1, ("cannot open engineer_weekly/iduarte/2026-W46",))

    place.refuses = frozenset()
    assert applied(planned(wanted, place), place).created == 1


def test_refuse_stale__a_plan_that_still_holds_passes() -> None:
    place = tracker()

    pipeline.refuse_stale(planned([desired()], place), place, SINCE)


def test_refuse_stale__anything_that_changed_since_is_noticed() -> None:
    place = tracker()
    reviewed = planned([desired()], place)
    applied(reviewed, place)

    with pytest.raises(PublishError, match="stale"):
        pipeline.refuse_stale(reviewed, place, SINCE)

    reviewed = planned([desired()], place)
    place.there[INES] = [replace(issue, description=issue.description + "\nmy words") for issue in place.there[INES]]
    with pytest.raises(PublishError, match="stale"):
        pipeline.refuse_stale(reviewed, place, SINCE)


def test_plan__counts_its_actions() -> None:
    plan = planned([desired(), for_jonas()], tracker())

    assert {kind: plan.count(kind) for kind in Kind} == dict.fromkeys(Kind, 0) | {Kind.CREATE: 2}
