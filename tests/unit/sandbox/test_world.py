"""The made-up world: repeatable, in its bounds, consistent with itself, and its people live their stories."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from reports.core.context import Context
from reports.core.people import Team
from reports.core.weeks import Week, week_window
from reports.sandbox.gitlab_objects import Issue, MergeRequest
from reports.sandbox.made_up_team import made_up_team
from reports.sandbox.phrases import CANARY, HOSTILE_TITLES
from reports.sandbox.world import World, make_world
from reports.sandbox.world_gitlab import BOT, PAIRING, PRODUCT_PROJECTS, READER, TEAM_META, TRAINING, WRITER
from reports.sandbox.world_queues import ATTENTION_REQUESTS
from reports.sandbox.zendesk_account import BOT_ID, LIGHT_AGENT_ID
from reports.sandbox.zendesk_state import SYSTEM, Comment, FieldChange, TicketUpdate
from tests.unit.sandbox.people import ORDINARY, organisation

W46 = Week(2026, 46)
WEEKS = W46.back_to(16)
UTC_ZONE = ZoneInfo("UTC")


@cache
def example() -> World:
    team, context = organisation()
    return make_world(team, context, W46)


def agent_ids() -> dict[int, str]:
    return {e.zendesk_id: e.username for e in organisation()[0].engineers if e.zendesk_id is not None}


def moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def week_of(second: int) -> Week:
    return Week.containing(moment(second).date())


def children(world: World) -> Iterator[tuple[TicketUpdate, FieldChange | Comment]]:
    for update in world.zendesk.updates.rows():
        for child in update.children:
            yield update, child


def changes(world: World, field: str) -> Iterator[tuple[TicketUpdate, FieldChange]]:
    """Every change of a field."""
    return ((update, child) for update, child in children(world) if isinstance(child, FieldChange) and child.field == field)


@cache
def new_tickets() -> Counter[tuple[str, Week]]:
    """First assignments by person and week."""
    names = agent_ids()
    return Counter(
        (names[int(child.value or 0)], week_of(update.at))
        for update, child in changes(example(), "assignee_id")
        if child.previous is None and child.value in names
    )


@cache
def comments() -> Counter[tuple[str, Week, bool]]:
    """Comments by person, week and whether they are public."""
    names = agent_ids()
    return Counter(
        (names[update.updater_id], week_of(update.at), child.public)
        for update, child in children(example())
        if isinstance(child, Comment) and update.updater_id in names
    )


def issues(path: str) -> list[Issue]:
    return list(example().gitlab.projects[path].issues.values())


def merge_requests() -> list[MergeRequest]:
    return [request for project in example().gitlab.projects.values() for request in project.merge_requests.values()]


@cache
def pairing() -> Counter[tuple[str, Week]]:
    users = example().gitlab.users
    return Counter(
        (users[person].username, Week.containing(issue.created_at.date()))
        for issue in issues(PAIRING)
        for person in issue.assignee_ids
    )


# --- repeatable ------------------------------------------------------------------------------------------


def fingerprint(world: World) -> str:
    """A digest of everything in a world."""
    digest = hashlib.sha256(repr(world.now).encode())
    digest.update(repr([world.zendesk.updates.rows(), world.zendesk.metric_events.rows()]).encode())
    digest.update(repr(sorted(world.zendesk.tickets.items())).encode())
    for project in world.gitlab.projects.values():
        digest.update(
            repr([(i.iid, i.title, i.created_at, i.closed_at, i.assignee_ids) for i in project.issues.values()]).encode()
        )
        digest.update(repr([(m.iid, m.title, m.merged_at, m.labels) for m in project.merge_requests.values()]).encode())
    return digest.hexdigest()


def test_world__is_the_same_for_the_same_seed_and_week() -> None:
    team, context = organisation()
    assert fingerprint(make_world(team, context, W46)) == fingerprint(example())


def test_world__differs_by_seed() -> None:
    team, context = organisation()
    assert fingerprint(make_world(team, context, W46, weeks=2, seed=2)) != fingerprint(make_world(team, context, W46, weeks=2))


def assignments_of(world: World, zendesk_id: int) -> list[int]:
    return [u.at for u, change in changes(world, "assignee_id") if change.value == zendesk_id and change.previous is None]


def test_world__one_persons_leave_does_not_shift_what_others_take() -> None:
    team, context = organisation()
    without = make_world(team, replace(context, unavailable=()), W46, weeks=4)
    with_leave = make_world(team, context, W46, weeks=4)
    for name in ("crao", "kaziz"):
        zendesk_id = team.engineer(name).zendesk_id
        assert zendesk_id is not None
        assert assignments_of(without, zendesk_id) == assignments_of(with_leave, zendesk_id)


# --- in its bounds -----------------------------------------------------------------------------------------


def test_now__is_the_monday_morning_after_the_last_week() -> None:
    assert example().now == datetime(2026, 11, 16, 6, tzinfo=UTC)


def test_world__nothing_lies_in_the_future() -> None:
    world = example()
    now = int(world.now.timestamp())
    assert max(update.at for update in world.zendesk.updates.rows()) <= now
    assert max(event.at for event in world.zendesk.metric_events.rows()) <= now
    assert max(ticket.generated_at for ticket in world.zendesk.tickets.values()) <= now
    for project in world.gitlab.projects.values():
        assert all(issue.updated_at <= world.now for issue in project.issues.values())
        assert all(request.updated_at <= world.now for request in project.merge_requests.values())


def test_world__on_gitlab_starts_five_weeks_before_the_first_week() -> None:
    first = min(request.merged_at for request in merge_requests() if request.merged_at)
    assert Week.containing(first.date()) == Week(2026, 26)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "Europe/Berlin"])
def test_world__in_another_zone_leave_is_still_empty(zone: str) -> None:
    team, context = organisation()
    world = make_world(team, context, Week(2026, 41), weeks=3, zone=ZoneInfo(zone))
    window = week_window(Week(2026, 40), ZoneInfo(zone))
    ble = team.engineer("ble").zendesk_id
    assert not any(update.updater_id == ble and window.contains(moment(update.at)) for update in world.zendesk.updates.rows())
    assert world.now.astimezone(ZoneInfo(zone)).hour == 6


# --- consistent ----------------------------------------------------------------------------------------------


def test_tickets__their_updates_add_up_to_their_state() -> None:
    world = example()
    fields: defaultdict[int, dict[str, str | int | None]] = defaultdict(dict)
    for update, child in children(world):
        if isinstance(child, FieldChange):
            seen = fields[update.ticket_id]
            assert update.created or seen.get(child.field) == child.previous
            seen[child.field] = child.value
    for ticket in world.zendesk.tickets.values():
        assert fields[ticket.id]["subject"] == ticket.subject or ticket.subject == "SCRUBBED"
        assert fields[ticket.id]["status"] == ticket.status
        if ticket.status != "deleted":
            told = fields[ticket.id]
            assert told.get("assignee_id") == ticket.assignee_id
            assert (told["priority"], told["ticket_form_id"]) == (ticket.priority, ticket.ticket_form_id)
            assert str(told.get("tags") or "").split() == list(ticket.tags)
            assert all(told[str(field)] == value for field, value in ticket.custom_fields)


def test_tickets__are_created_by_their_requester_and_closed_by_nobody() -> None:
    world = example()
    for update in world.zendesk.updates.rows():
        if update.created:
            assert update.updater_id == world.zendesk.tickets[update.ticket_id].requester_id
        if any(isinstance(child, FieldChange) and child.value == "closed" for child in update.children):
            assert update.updater_id == SYSTEM


def test_events__have_ids_of_their_own_in_order_of_time() -> None:
    rows = example().zendesk.updates.rows()
    ids = [update.id for update in rows] + [child.id for _, child in children(example())]
    assert len(set(ids)) == len(ids)
    assert [update.id for update in rows] == sorted(update.id for update in rows)
    metric_ids = [event.id for event in example().zendesk.metric_events.rows()]
    assert metric_ids == sorted(set(metric_ids))


def test_metric_events__fulfil_the_first_reply_when_an_agent_first_replied() -> None:
    world = example()
    requesters = {user.id for user in world.zendesk.users.values() if user.role == "end-user"}
    first: dict[int, int] = {}
    for update, child in children(world):
        if isinstance(child, Comment) and child.public and update.updater_id not in requesters:
            first.setdefault(update.ticket_id, update.at)
    steps = [event for event in world.zendesk.metric_events.rows() if event.metric == "reply_time" and event.instance_id == 1]
    assert {step.ticket_id: step.at for step in steps if step.type == "fulfill"} == first
    applied = {step.ticket_id: step for step in steps if step.type == "apply_sla"}
    broken = {step.ticket_id for step in steps if step.type == "breach" and not step.deleted}
    for ticket_id in applied.keys() - broken:
        step, ticket = applied[ticket_id], world.zendesk.tickets[ticket_id]
        assert step.target is not None
        waited = first.get(ticket_id, int(world.now.timestamp())) - ticket.created_at
        assert waited <= step.target * 60 or step.in_business_hours, "what is open may take longer over a weekend"


def test_metric_sets__count_what_the_updates_say() -> None:
    world = example()
    solved = Counter(update.ticket_id for update, change in changes(world, "status") if change.value == "solved")
    for ticket in world.zendesk.tickets.values():
        assert ticket.metrics is not None
        assert ticket.metrics.reopens == max(0, solved[ticket.id] - 1)
        assert (ticket.metrics.solved_at is None) == (solved[ticket.id] == 0)


def test_world__has_what_every_account_has() -> None:
    world = example()
    tickets = list(world.zendesk.tickets.values())
    assert {"open", "pending", "solved", "closed", "deleted"} <= {ticket.status for ticket in tickets}
    assert any(ticket.subject == "SCRUBBED" for ticket in tickets)
    assert any(ticket.support_type == "ai_agent" for ticket in tickets)
    assert any(ticket.generated_at > ticket.updated_at for ticket in tickets)
    assert any(ticket.assignee_id is None and ticket.status == "open" for ticket in tickets)
    assert any(ticket.metrics is not None and ticket.metrics.reopens for ticket in tickets)
    statuses = {change.value for _, change in changes(world, "status")}
    assert statuses == {"new", "open", "pending", "hold", "solved", "closed", "deleted"}
    assert any("closed_by_merge" in ticket.tags for ticket in tickets)
    assert any(ticket.organization_id is None for ticket in tickets if ticket.status != "deleted")
    assert any(ticket.custom_fields for ticket in tickets)
    assert any(change.previous for _, change in changes(world, "priority"))
    assert any(change.previous for _, change in changes(world, "ticket_form_id"))
    assert {update.updater_id for update, _ in children(world)} >= {LIGHT_AGENT_ID, BOT_ID}
    assert {rating.score for rating in world.zendesk.promises.ratings} == {"good", "bad", "offered"}
    assert {event.deleted for event in world.zendesk.metric_events.rows() if event.type == "breach"} == {True, False}


def test_customers__every_text_of_theirs_holds_the_canary() -> None:
    world = example()
    texts = [
        text
        for ticket in world.zendesk.tickets.values()
        if ticket.subject != "SCRUBBED"
        for text in (ticket.subject, ticket.description)
    ]
    texts += [child.body for _, child in children(world) if isinstance(child, Comment)]
    texts += [user.name for user in world.zendesk.users.values() if user.role == "end-user"]
    texts += list(world.zendesk.organizations.values())
    assert all(CANARY in text for text in texts)


def test_customers__no_member_of_the_team_is_named_like_one() -> None:
    assert not any(CANARY in user.name for user in example().zendesk.users.values() if user.role != "end-user")


# --- rates ---------------------------------------------------------------------------------------------------


def mean(counts: Counter[tuple[str, Week]], names: tuple[str, ...] = ORDINARY) -> float:
    return sum(counts[name, week] for name in names for week in WEEKS) / len(names) / len(WEEKS)


def share_of_weeks(counts: Counter[tuple[str, Week]], at_least: int) -> float:
    return sum(counts[name, week] >= at_least for name in ORDINARY for week in WEEKS) / len(ORDINARY) / len(WEEKS)


def test_rates__are_those_of_a_support_team() -> None:
    public = Counter({(who, week): n for (who, week, is_public), n in comments().items() if is_public})
    internal = Counter({(who, week): n for (who, week, is_public), n in comments().items() if not is_public})
    assert 6 < mean(new_tickets()) < 8.5
    assert 20 < mean(public) < 32
    assert 8 < mean(internal) < 14


def test_rates__ordinary_people_meet_their_goals_in_most_weeks() -> None:
    assert share_of_weeks(new_tickets(), 5) > 0.85
    assert 0.83 < share_of_weeks(pairing(), 2) < 0.96


def test_rates__documentation_is_written_twice_in_any_thirty_days() -> None:
    users = example().gitlab.users
    written: defaultdict[str, list[datetime]] = defaultdict(list)
    for request in merge_requests():
        if request.merged_at and "documentation" in request.labels:
            written[users[request.author_id].username].append(request.merged_at)
    ends = [datetime.combine(week.last_day, datetime.min.time(), UTC) + timedelta(days=1) for week in WEEKS]
    enough = [sum(end - timedelta(days=30) <= at < end for at in written[name]) >= 2 for name in ORDINARY for end in ends]
    assert sum(enough) / len(enough) > 0.9


def test_rates__nearly_everybody_finishes_a_module_a_quarter() -> None:
    users = example().gitlab.users
    autumn = {
        users[issue.assignee_ids[0]].username
        for issue in issues(TRAINING)
        if issue.closed_at and issue.closed_at >= datetime(2026, 10, 1, tzinfo=UTC)
    }
    assert len(autumn & set(ORDINARY)) >= len(ORDINARY) - 1


# --- stories -------------------------------------------------------------------------------------------------


def test_story__nothing_happens_on_long_leave() -> None:
    away = [week for week in WEEKS if Week(2026, 34) <= week <= Week(2026, 41)]
    assert len(away) == 8
    assert not any(new_tickets()["ble", week] or pairing()["ble", week] for week in away)
    assert not any(comments()["ble", week, public] for week in away for public in (True, False))
    ble = example().gitlab.user("ble").id
    ended = [request.merged_at for request in merge_requests() if request.author_id == ble and request.merged_at]
    assert not any(Week.containing(at.date()) in away for at in ended)
    assert new_tickets()["ble", Week(2026, 43)] > 0


def test_story__a_part_timer_does_nothing_on_fridays() -> None:
    mneri = organisation()[0].engineer("mneri").zendesk_id
    days = Counter(moment(update.at).weekday() for update in example().zendesk.updates.rows() if update.updater_id == mneri)
    assert set(days) == {0, 1, 2, 3}


def test_story__on_call_leaves_less_time_and_brings_emergencies() -> None:
    call = Week(2026, 44)
    assert new_tickets()["iduarte", call] < mean(new_tickets(), ("iduarte",))
    tags = [ticket.tags for ticket in example().zendesk.tickets.values() if ticket.assignee_id == agent_id("iduarte")]
    assert any("emergency" in own for own in tags)


def agent_id(username: str) -> int:
    found = organisation()[0].engineer(username).zendesk_id
    assert found is not None
    return found


def test_story__a_new_joiner_starts_small() -> None:
    per_week = [new_tickets()["znovak", week] for week in WEEKS]
    assert sum(per_week[:8]) == 0, "before 21 September"
    assert sum(per_week[8:12]) < sum(per_week[12:])
    assert per_week[8] <= 2


def test_story__an_escalation_means_long_notes_and_few_tickets() -> None:
    assert new_tickets()["jbeck", W46] < mean(new_tickets(), ("jbeck",))
    long_notes = [
        child
        for update, child in children(example())
        if isinstance(child, Comment) and update.updater_id == agent_id("jbeck") and len(child.body) > 500 and not child.public
    ]
    assert len(long_notes) >= 9


def test_story__the_one_who_slows_down_misses_four_weeks_and_none_before() -> None:
    tickets = [new_tickets()["kaziz", week] for week in WEEKS]
    sessions = [pairing()["kaziz", week] for week in WEEKS]
    assert all(1 <= count <= 2 for count in tickets[-4:])
    assert sessions[-4:] == [0, 0, 0, 0]
    assert all(count >= 5 for count in tickets[:-4])
    assert all(count >= 2 for count in sessions[:-4])


def test_story__the_data_gap_is_on_zendesk_only() -> None:
    assert "Tbaker" not in {user.name for user in example().zendesk.users.values()}
    assert sum(pairing()["tbaker", week] for week in WEEKS) > 20


# --- gitlab --------------------------------------------------------------------------------------------------


def test_titles__one_in_about_forty_is_hostile() -> None:
    world = example()
    titles = [issue.title for project in world.gitlab.projects.values() for issue in project.issues.values()]
    titles += [request.title for request in merge_requests()]
    share = sum(title in HOSTILE_TITLES for title in titles) / len(titles)
    assert 1 / 80 < share < 1 / 20


def test_pairing__has_two_or_three_different_people_and_is_closed_at_once() -> None:
    bot = example().gitlab.user(BOT).id
    for issue in (issue for issue in issues(PAIRING) if issue.author_id != bot):
        assert 2 <= len(set(issue.assignee_ids)) == len(issue.assignee_ids) <= 3
        assert issue.closed_at == issue.created_at + timedelta(minutes=5)
    assert [issue.assignee_ids for issue in issues(PAIRING) if issue.author_id == bot] == [[bot]]


def test_requests__of_the_week_and_before_were_looked_after_by_engineers() -> None:
    users, engineers = example().gitlab.users, {engineer.username for engineer in organisation()[0].engineers}
    closers = [(users[issue.closed_by_id].username, issue) for issue in issues(ATTENTION_REQUESTS) if issue.closed_by_id]
    handled = {who: issue for who, issue in closers if who in engineers}
    assert list(handled) == ["crao", "fward"]
    for who, issue in handled.items():
        assert [users[person].username for person in issue.assignee_ids] == [who]
        assert [event.label for event in issue.label_events if users[event.user_id].username == who] == ["unstarred"]


def test_other_account__opens_an_issue_now_and_then() -> None:
    other = example().gitlab.user("tbaker-admin").id
    opened = [issue for project in PRODUCT_PROJECTS for issue in issues(project) if issue.author_id == other]
    assert 3 <= len(opened) <= 12


def test_modules__have_a_checklist_that_says_whether_they_are_done() -> None:
    for issue in issues(TRAINING):
        assert ("- [ ]" in issue.description) == (issue.state == "opened")
    assert {issue.state for issue in issues(TRAINING)} == {"opened", "closed"}


def test_access__one_to_ones_hold_the_engineer_the_manager_and_no_one_else() -> None:
    state = example().gitlab
    project = state.projects["acme/support/1-1s/kaziz"]
    names = {state.users[user].username: role for user, role in project.members.items()}
    assert (project.visibility, names) == ("private", {"kaziz": 10, "plindqvist": 15})
    above = {state.users[user].username: role for group in state.groups_above(project) for user, role in group.members.items()}
    assert above == {WRITER: 15}


def test_access__the_bots_have_tokens_with_their_scopes() -> None:
    state = example().gitlab
    assert {(state.users[t.user_id].username, t.scopes) for t in state.tokens.values()} == {
        (WRITER, ("api",)),
        (READER, ("read_api",)),
    }
    assert state.projects[TEAM_META].visibility == "internal"


# --- any size --------------------------------------------------------------------------------------------------


def unique(team: Team) -> bool:
    usernames = [e.username for e in team.engineers] + [m.username for m in team.managers]
    return len(set(usernames)) == len(usernames) and len({e.name for e in team.engineers}) == len(team.engineers)


@pytest.mark.parametrize("size", [1, 2, 9, 1000])
def test_made_up_team__has_people_that_are_told_apart(size: int) -> None:
    team, context = made_up_team(size)
    assert len(team.engineers) == size
    assert unique(team)
    assert {e.reports_to for e in team.engineers} == {m.username for m in team.managers}
    named = {row.who for row in context.unavailable} | {row.who for row in context.on_call}
    assert named <= {engineer.username for engineer in team.engineers}


@pytest.mark.parametrize("size", [0, -1, 1001])
def test_made_up_team__refuses_a_size_it_has_no_names_for(size: int) -> None:
    with pytest.raises(ValueError, match="choose 1 to 1,000"):
        made_up_team(size)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_make_world__works_for_a_tiny_team(size: int) -> None:
    team, context = made_up_team(size)
    world = make_world(team, context, W46, weeks=2)
    assert world.zendesk.tickets


def test_make_world__without_any_context_everybody_works_every_week() -> None:
    team, _ = made_up_team(3)
    world = make_world(team, Context(), W46, weeks=3)
    seen = {(update.updater_id, week_of(update.at)) for update in world.zendesk.updates.rows()}
    assert all((e.zendesk_id, week) in seen for e in team.engineers for week in W46.back_to(3))
