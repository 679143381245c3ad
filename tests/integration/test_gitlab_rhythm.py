"""Hourly, daily and weekly gathering from GitLab end in the same facts, whatever happened in between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from reports.core.facts import MergeRequest, UserEvent, WorkItem, WorkItemEvent
from reports.sandbox.gitlab_objects import Issue
from tests.gitlab_gathering import FEEDBACK, HANDBOOK, PAIRING, REQUESTS, TRAINING, Gathered, gathering, support_gitlab
from tests.gitlab_sandbox import NOW, PRODUCT

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BEGIN = NOW - 48 * HOUR
#: When something happens within its hour: around the instants of the runs, and in the two minutes that each leaves open.
WITHIN = (0, 1, 30, 57, 58, 59)
#: Everybody has been seen once, as in any organisation that is not new to the tool.
FIRST_RUN = BEGIN - 72 * HOUR


class Life:
    """Two days in which issues are opened, labelled, assigned, closed and reopened, and merge requests merged."""

    def __init__(self, seed: int) -> None:
        self.state = support_gitlab()
        self._rng = Random(seed)
        self._team = [self.state.user(name) for name in ("iduarte", "jbeck", "jbeck-admin")]
        self._issues: list[Issue] = []
        hours = sorted(self._rng.randrange(48) * 60 + self._rng.choice(WITHIN) for _ in range(120))
        self._moments = [BEGIN + minute * MINUTE for minute in hours]

    def until(self, now: datetime) -> None:
        """Let everything happen up to an instant, that instant included."""
        while self._moments and self._moments[0] <= now:
            moment = self._moments.pop(0)
            moves = (self._merge, self._open, self._label, self._assign, self._toggle, self._tick, self._comment)
            self._rng.choice(moves)(moment)
        if now >= BEGIN + 20 * HOUR and self.state.find_user("iduarte"):
            self.state.rename_user("iduarte", "ines.d")

    def _who(self) -> str:
        return self._rng.choice(self._team).username

    def _merge(self, at: datetime) -> None:
        project = self._rng.choice((PRODUCT, HANDBOOK, TRAINING))
        self.state.add_merge_request(project, self._who(), f"{at}", created_at=at, merged_at=at, labels=("a",))
        late = self._rng.choice(self.state.merge_requests_of(self._rng.choice(self._team).id) or [None])
        if late is not None:
            late.labels[:], late.updated_at = [], at

    def _open(self, at: datetime) -> None:
        path = self._rng.choice((PRODUCT, PAIRING, TRAINING, REQUESTS, REQUESTS, FEEDBACK))
        issue = self.state.add_issue(path, self._who(), f"{at}", created_at=at, labels=("a",), description="- [ ] x\n- [ ] y\n")
        self._issues.append(issue)

    def _changed(self, at: datetime, change: Callable[[Issue], None]) -> None:
        if self._issues:
            issue = self._rng.choice(self._issues)
            change(issue)
            issue.updated_at = at

    def _label(self, at: datetime) -> None:
        def change(issue: Issue) -> None:
            put = "b" not in issue.labels
            (self.state.put_label if put else self.state.take_label)(issue, self._who(), "b", at=at)

        self._changed(at, change)

    def _assign(self, at: datetime) -> None:
        self._changed(at, lambda issue: issue.assignee_ids.append(self._rng.choice(self._team).id))

    def _toggle(self, at: datetime) -> None:
        words = {"opened": "closed", "closed": "reopened"}
        self._changed(at, lambda issue: self.state.set_state(issue, self._who(), words[issue.state], at=at))

    def _tick(self, at: datetime) -> None:
        self._changed(at, lambda issue: setattr(issue, "description", issue.description.replace("[ ]", "[x]", 1)))

    def _comment(self, at: datetime) -> None:
        def change(issue: Issue) -> None:
            self.state.add_note(issue, self._who(), "x", at=at)

        self._changed(at, change)


def gathered(seed: int, every: timedelta) -> Gathered:
    """The facts after two days, read so often; addresses without the port of that sandbox."""
    life = Life(seed)
    with gathering(life.state) as there:
        found = there.run(Gathered(), now=FIRST_RUN, with_user_events=True)
        now = BEGIN
        while now < NOW + 3 * HOUR:
            now = min(now + every, NOW + 3 * HOUR)
            life.until(now)
            there.run(found, now=now, with_user_events=True)
        base = there.sandbox.gitlab_url
    found.facts = {key: _without(base, fact) for key, fact in found.facts.items()}
    return found


def _without(base: str, fact: Any) -> Any:
    return fact if isinstance(fact, WorkItemEvent) else replace(fact, url=fact.url.removeprefix(base))


@pytest.mark.parametrize("seed", [1, 2])
def test_rhythm__hourly_daily_and_weekly_give_the_same_facts(seed: int) -> None:
    hourly, daily, weekly = (gathered(seed, every) for every in (HOUR, 24 * HOUR, 7 * 24 * HOUR))

    assert hourly.facts == daily.facts == weekly.facts
    kinds = {kind: len(weekly.of(kind)) for kind in (MergeRequest, WorkItem, WorkItemEvent, UserEvent)}
    assert all(count > 10 for count in kinds.values()), kinds
    names = {fact.author for kind in (MergeRequest, WorkItem, UserEvent) for fact in weekly.of(kind)}
    assert names == {"iduarte", "jbeck", "jbeck-admin"}
