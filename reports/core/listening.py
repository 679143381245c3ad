"""Everything heard below the issues, in order: which commands are in force, and which comments still wait for an answer.

An answered comment is never asked about again: its record stays in force. What it was changed to is reported once. Below a
muted issue only what was answered counts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reports.core.commands import Command, Misunderstood
from reports.core.conversation import Heard, Noticed, Record, Said
from reports.core.followups import Refusal, Taken

#: Why a command of a comment is not taken after those before it; None when it is.
Check = Callable[[Sequence[Taken], Said, Command], Refusal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is to be answered to one comment: what was taken, what was refused and why, what was not understood."""

    record: Record
    refused: tuple[tuple[Command, Refusal], ...] = ()
    misunderstood: tuple[Misunderstood, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An answered comment that was edited or deleted since; what it said when it was answered stays in force."""

    noticed: Noticed
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """One conversation folded: commands in force, oldest first, and what is still to be said."""

    taken: tuple[Taken, ...]
    answers: tuple[Answer, ...]
    changes: tuple[Change, ...]


def listen(heard: Heard, check: Check) -> Listened:
    """Fold a conversation; the same comments come to the same commands however they were split over runs."""
    records = {record.comment: record for record in heard.records}
    fresh = [said for said in heard.said if said.comment not in records and not heard.is_muted]
    taken: list[Taken] = []
    answers = []
    entries: list[Record | Said] = [*heard.records, *fresh]
    for one in sorted(entries, key=lambda entry: (entry.at, entry.comment)):
        if isinstance(one, Record):
            taken += _in_force(one)
        else:
            answers.append(_answer(one, taken, check))
            taken += _in_force(answers[-1].record)
    return Listened(taken=tuple(taken), answers=tuple(answers), changes=tuple(_changes(heard)))


def _in_force(record: Record) -> Iterable[Taken]:
    return [Taken(command=command, author=record.author, at=record.at, comment=record.comment) for command in record.took]


def _answer(said: Said, before: Sequence[Taken], check: Check) -> Answer:
    taken: list[Taken] = []
    refused = []
    for command in said.requests.commands:
        reason = check([*before, *taken], said, command)
        if reason is None:
            taken.append(Taken(command=command, author=said.author, at=said.at, comment=said.comment))
        else:
            refused.append((command, reason))
    record = Record(
        comment=said.comment,
        author=said.author,
        at=said.at,
        digest=said.requests.digest,
        took=tuple(one.command for one in taken),
    )
    return Answer(record=record, refused=tuple(refused), misunderstood=said.requests.misunderstood)


def _changes(heard: Heard) -> Iterator[Change]:
    """Records whose comment says something else by now, unless that was reported already."""
    now = {said.comment: said.requests.digest for said in heard.said}
    for record in heard.records:
        noticed = Noticed(comment=record.comment, digest=now.get(record.comment, ""))
        if noticed.digest != record.digest and noticed not in heard.noticed:
            yield Change(noticed=noticed, record=record)
