"""Carries a plan out on the issue tracker's port, one issue at a time; decides nothing that the plan does not say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reports.core.publication import Action, ExistingIssue, Kind, rebased
from reports.errors import PublishError, UnreachableError
from reports.jobs.pipeline import Applied
from reports.ports import IssueTracker, Progress, ProgressListener

#: Issues whose text is read once more, in one go, right before it is written, so that nobody's words are lost.
BATCH = 50

Now = Mapping[tuple[str, int], ExistingIssue]


@dataclass(slots=True)
class _Tally:
    """What came of the actions so far, and which are still to be tried."""

    untried: list[Action]
    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    failures: list[str] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)

    def fail(self, action: Action, message: str) -> None:
        self.failures.append(message)
        self.failed.add(action.key)

    def give_up(self, message: str) -> None:
        self.failures.append(f"{message}; not tried any more: {len(self.untried)}" if self.untried else message)
        self.failed.update(action.key for action in self.untried)


def apply(actions: Sequence[Action], tracker: IssueTracker, tell: ProgressListener) -> Applied:
    """Carry actions out; an issue that the tracker refuses does not stop the others, a tracker that is gone does."""
    to_do = [action for action in actions if action.kind is not Kind.NOTHING]
    tally = _Tally(untried=list(to_do))
    tally.counts[Kind.NOTHING] = len(actions) - len(to_do)
    try:
        tracker.meet({name for action in to_do if action.kind is Kind.CREATE for name in _assignees(action)})
        for action, now in _one_by_one(to_do, tracker):
            tally.untried.remove(action)
            _try(action, now, tracker, tally)
            done = len(to_do) - len(tally.untried)
            tell(Progress(step="apply", detail=f"{len(to_do)} issues", fraction=done / len(to_do)))
    except PublishError as error:
        tally.give_up(error.message)
    return Applied(
        created=tally.counts[Kind.CREATE],
        updated=tally.counts[Kind.UPDATE] + tally.counts[Kind.REOPEN],
        closed=tally.counts[Kind.CLOSE],
        unchanged=tally.counts[Kind.NOTHING],
        failures=tuple(tally.failures),
        failed=frozenset(tally.failed),
    )


def _assignees(action: Action) -> tuple[str, ...]:
    return action.desired.assignees if action.desired else ()


def _one_by_one(to_do: Sequence[Action], tracker: IssueTracker) -> Iterator[tuple[Action, Now]]:
    """The actions in batches, those that write into people's text first, while what was read of it is fresh."""
    for start in range(0, len(to_do), BATCH):
        batch = sorted(to_do[start : start + BATCH], key=lambda action: not action.rewrites)
        places = [(action.project, action.iid) for action in batch if action.rewrites and action.iid is not None]
        now = tracker.issues(places) if places else {}
        yield from ((action, now) for action in batch)


def _try(action: Action, now: Now, tracker: IssueTracker, tally: _Tally) -> None:
    try:
        tally.counts[_carry_out(_as_of_now(action, now, tracker.bot()), tracker)] += 1
    except UnreachableError:
        tally.failed.add(action.key)
        raise
    except PublishError as error:
        tally.fail(action, error.message)


def _as_of_now(action: Action, now: Now, bot: str) -> Action:
    """The action for the text as it is by now; PublishError when somebody deleted the issue or our part of it meanwhile."""
    if not action.rewrites or action.iid is None:
        return action
    issue = now.get((action.project, action.iid))
    found = rebased(action, issue, bot) if issue else None
    if found is None:
        raise PublishError(f"{action.project}#{action.iid} was deleted, or our part of it was, since it was read")
    return found


def _carry_out(action: Action, tracker: IssueTracker) -> Kind:
    if action.kind is Kind.CREATE:
        tracker.create(action)
    elif action.kind is Kind.UPDATE:
        tracker.update(action)
    elif action.kind is Kind.CLOSE:
        tracker.close(action)
    elif action.kind is Kind.REOPEN:
        tracker.reopen(action)
    return action.kind
