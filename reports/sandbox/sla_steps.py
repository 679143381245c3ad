"""The steps of the metrics of one made-up ticket: replies against what a policy promises, waiting, resolution; no ids yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from reports.sandbox.ticket_life import WAITS_FOR_US, MetricDraft, TicketLife
from reports.sandbox.zendesk_promises import PolicyTarget, Schedule, SlaPolicy


@dataclass(frozen=True, slots=True)
class Promise:
    """The policy that every ticket goes by, and the hours in which it counts."""

    policy: SlaPolicy
    schedule: Schedule

    def due(self, start: int, target: PolicyTarget) -> int:
        """When something that began at a second must be done."""
        return self.schedule.due(start, target.minutes) if target.in_business_hours else start + target.minutes * 60


@dataclass(frozen=True, slots=True)
class _Turn:
    """The requester waits for a reply: since when, until when (None while still), of which metric."""

    start: int
    end: int | None
    metric: str


def metric_steps(life: TicketLife, promise: Promise) -> Iterator[MetricDraft]:
    """The steps of reply time, requester wait and resolution that fit the updates."""
    yield MetricDraft(life.drafts[0].at, "reply_time", 0, "measure")
    for instance, turn in enumerate(_turns(life), start=1):
        yield from _reply_steps(life, promise, turn, instance)
    yield from _wait_steps(life)
    yield MetricDraft(life.drafts[0].at, "resolution_time", 1, "activate")
    for number, at in enumerate(life.solved, start=1):
        yield MetricDraft(at, "resolution_time", number, "fulfill")


def _turns(life: TicketLife) -> list[_Turn]:
    """The first reply, and one after each time the requester spoke again."""
    replies, turns = life.replied, []
    start, metric = life.drafts[0].at, "first_reply_time"
    for asked in [*life.asked, life.now + 1]:
        end = next((reply for reply in replies if reply >= start), None)
        if end is None or end > asked:
            continue
        turns.append(_Turn(start, end, metric))
        start, metric = asked, "next_reply_time"
    last = next((reply for reply in replies if reply >= start), None)
    if start <= life.now and last is None:
        turns.append(_Turn(start, None, metric))
    return turns


def _reply_steps(life: TicketLife, promise: Promise, turn: _Turn, instance: int) -> Iterator[MetricDraft]:
    end = life.now if turn.end is None else turn.end
    yield MetricDraft(turn.start, "reply_time", instance, "activate")
    applied = _applied(life, promise, turn, end)
    for at, target in applied:
        yield MetricDraft(
            at,
            "reply_time",
            instance,
            "apply_sla",
            target=target.minutes,
            policy_id=promise.policy.id,
            in_business_hours=target.in_business_hours,
        )
    last_due = promise.due(turn.start, applied[-1][1])
    for (at, target), (until, _) in pairwise([*applied, (end, applied[-1][1])]):
        broken = max(at, promise.due(turn.start, target))
        if broken < until:
            # A longer time that is given later takes the breach back.
            yield MetricDraft(broken, "reply_time", instance, "breach", deleted=last_due > broken)
    if turn.end is not None:
        yield MetricDraft(turn.end, "reply_time", instance, "fulfill")
        yield MetricDraft(turn.end, "reply_time", instance, "update_status", minutes=(turn.end - turn.start) // 60)


def _applied(life: TicketLife, promise: Promise, turn: _Turn, end: int) -> list[tuple[int, PolicyTarget]]:
    """The targets of a turn and since when: by the priority at its start, and after each change until its end."""
    before = [priority for at, priority in life.priorities if at <= turn.start][-1]
    during = [(at, priority) for at, priority in life.priorities if turn.start < at < end]
    return [(at, promise.policy.target(turn.metric, priority)) for at, priority in [(turn.start, before), *during]]


def _wait_steps(life: TicketLife) -> Iterator[MetricDraft]:
    yield MetricDraft(life.changed[0][0], "requester_wait_time", 1, "activate")
    waiting = True
    for at, status in life.changed[1:]:
        if status == "solved":
            yield MetricDraft(at, "requester_wait_time", 1, "fulfill")
        elif waiting != (status in WAITS_FOR_US) and status != "closed":
            yield MetricDraft(at, "requester_wait_time", 1, "pause" if waiting else "activate")
        waiting = status in WAITS_FOR_US
