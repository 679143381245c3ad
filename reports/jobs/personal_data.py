"""All that is held about one person, found in store, run files and issues: given out, or erased; what stays is named."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from reports.core.action_log import Deed, LogEntry
from reports.core.audience import Lookout
from reports.core.context import Context
from reports.core.conversation import Comment, Place, Thread
from reports.core.erasure import IssuesAbout, heard_without, issues_about, projects_of, published_without
from reports.core.facts import TABLES, Fact
from reports.core.people import Engineer, same_user
from reports.core.publication import ExistingIssue
from reports.core.published import PublishedWeek
from reports.core.retention import CountRow
from reports.core.traces import ZENDESK, IsTheirs, Known, account, accounts_of, names, without
from reports.core.weeks import Week
from reports.errors import PublishError, UsageError
from reports.jobs.stages import CONTEXT, DESIRED, HEARD, PLAN, PUBLISHED, RESULTS, HeardSoFar
from reports.wiring import shard_stores
from reports.wiring.house import PEOPLE, House

#: Before any issue of ours.
_EVER = datetime(2000, 1, 1, tzinfo=UTC)

BEYOND_REACH = (
    "e-mails that GitLab has sent, and what people kept elsewhere",
    "backups of GitLab, and of the machine that holds the store",
    "of an issue that could not be deleted: earlier versions of its description, its system notes, and what people commented",
    "names in texts of other people: titles of their merge requests and issues, comments, and old commits of config/",
    "what GitLab and Zendesk themselves know: this tool has only read it",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom it is about, and by what they are known."""

    username: str
    known: Known
    engineer: Engineer | None
    """As they stand in team.yml; None when they are not there."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words by which a text names them."""
        own = [name.partition(":")[2] for name in self.known.accounts if name.startswith("gitlab:")]
        return tuple(dict.fromkeys(word for word in (self.username, *own, self.known.name) if word))

    @property
    def is_theirs(self) -> IsTheirs:
        """Whether an account is one of theirs."""
        theirs = frozenset((*self.known.accounts, account("gitlab", self.username)))
        return theirs.__contains__


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All that is held about somebody: facts, weeks that were published, files of runs, conversations, issues."""

    facts: tuple[Fact, ...]
    counts: tuple[CountRow, ...]
    weeks: tuple[Week, ...]
    files: tuple[Path, ...]
    conversations: int
    log: tuple[LogEntry, ...]
    issues: IssuesAbout
    unread: tuple[str, ...]
    """Projects that could not be looked at, a sentence each."""


def subject(house: House, person: str, zendesk_ids: Sequence[int] = ()) -> Subject:
    """Whoever has that username, in the team or remembered from when they were; UsageError when nobody is known by it."""
    engineer = next((e for e in house.settings.team.engineers if same_user(e.username, person)), None)
    remembered = next((known for name, known in house.known_people.items() if same_user(name, person)), None)
    if engineer is None and remembered is None and not zendesk_ids:
        raise UsageError(
            f"nobody called {person!r} is in config/team.yml, and nothing was ever gathered for anybody of that name",
            "check the spelling; for somebody who was gathered for by an older version, name their --zendesk-id as well",
        )
    accounts = {account(ZENDESK, number) for number in zendesk_ids} | {account("gitlab", person)}
    accounts |= accounts_of(engineer) if engineer else set()
    accounts |= set(remembered.accounts) if remembered else set()
    managers = {manager.username for manager in house.settings.team.managers} | set(remembered.managers if remembered else ())
    name = engineer.name if engineer else remembered.name if remembered else ""
    known = Known(name=name, accounts=tuple(sorted(accounts)), managers=tuple(sorted(managers)))
    return Subject(username=engineer.username if engineer else person, known=known, engineer=engineer)


def held(house: House, about: Subject, *, with_issues: bool) -> Held:
    """Look for everything that is held about somebody; issues only where there is a token to see them."""
    so_far = house.heard.find(HEARD, HeardSoFar)
    issues, unread = _issues(house, about) if with_issues else (IssuesAbout(theirs=(), naming=()), ())
    return Held(
        facts=tuple(dict.fromkeys(fact for fact in house.store.facts() if names(fact, about.is_theirs))),
        counts=tuple(house.counts.rows_of(about.username)),
        weeks=tuple(week for week, published in _published(house) if _judged(published, about)),
        files=tuple(_files_naming(house, about)),
        conversations=sum(same_user(one.thread.subject, about.username) for one in so_far.heard) if so_far else 0,
        log=house.logs.of(about.username),
        issues=issues,
        unread=unread,
    )


def _published(house: House) -> Iterator[tuple[Week, PublishedWeek]]:
    for week in house.heard.weeks:
        published = house.files(week).find(PUBLISHED, PublishedWeek)
        if published is not None:
            yield week, published


def _judged(published: PublishedWeek, about: Subject) -> list[str]:
    return [name for name in published.engineers if same_user(name, about.username)]


def _files_naming(house: House, about: Subject) -> Iterator[Path]:
    """Files that a run makes anew and that name somebody: stage files, rendered reports with pictures, scraps of a crash."""
    words = re.compile("|".join(re.escape(word) for word in about.words), re.IGNORECASE)
    made_anew = {f"{name}.json" for name in (RESULTS, DESIRED, PLAN)}
    runs = house.store_folder / "runs"
    for path in sorted(path for path in runs.rglob("*") if path.is_file()):
        place = path.relative_to(runs)
        is_scrap = path.name.startswith(".")
        if is_scrap or path.name in made_anew or "reports" in place.parts:
            text = path.read_bytes().decode("utf-8", errors="replace")
            if is_scrap or words.search(text) or words.search(str(place)):
                yield path


def _issues(house: House, about: Subject) -> tuple[IssuesAbout, tuple[str, ...]]:
    theirs: list[ExistingIssue] = []
    naming: list[tuple[ExistingIssue, str]] = []
    unread = []
    for project in sorted(projects_of(house.settings.reports, about.username, about.known.managers)):
        try:
            destination = house.tracker.destinations({project: Lookout(level=None)})[project]
        except PublishError as error:
            unread.append(error.message)
            continue
        found = issues_about(destination.issues, house.tracker.bot(), house.settings.reports, about.username, about.words)
        theirs += found.theirs
        naming += found.naming
    return IssuesAbout(theirs=tuple(theirs), naming=tuple(naming)), tuple(unread)


# --- erasing ----------------------------------------------------------------------------------------


def refuse_to_forget(house: House, about: Subject) -> None:
    """Raise UsageError when the next run would gather it all again."""
    if any(same_user(engineer.username, about.username) for engineer in house.open_today.engineers):
        raise UsageError(
            f"{about.username} is in config/team.yml, so the next run would bring everything back",
            "take them out of team.yml, goals.yml and context.yml first, or put a gate in rules.yml: `- person: "
            f"{about.username}`; then run this again",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was erased; the issues that GitLab did not let be deleted were emptied and closed."""

    facts: int
    deleted: tuple[str, ...]
    emptied: tuple[str, ...]
    redacted: tuple[str, ...]


def forget(house: House, about: Subject, found: Held) -> Forgotten:
    """Erase what was found; done again after a crash, it finishes. That they were known at all goes last."""
    house.tombstones.add(about.known.accounts, house.today)
    deleted: list[str] = []
    emptied: list[str] = []
    redacted: list[str] = []
    for issue in found.issues.theirs:
        (deleted if house.erasure.erase(issue.project, issue.iid) else emptied).append(f"{issue.project}#{issue.iid}")
    for issue, text in found.issues.naming:
        house.erasure.rewrite(issue.project, issue.iid, text)
        redacted.append(f"{issue.project}#{issue.iid}")
    facts = house.store.rewrite(lambda fact: without(fact, about.is_theirs))
    house.store.forget_unknown({about.username})
    shard_stores.remove_all(house)
    house.counts.forget(about.username)
    _forget_runs(house, about, found)
    house.logs.forget(about.username)
    left = {name: known for name, known in house.known_people.items() if not same_user(name, about.username)}
    house.heard.write(PEOPLE, left)
    return Forgotten(facts=facts, deleted=tuple(deleted), emptied=tuple(emptied), redacted=tuple(redacted))


def _forget_runs(house: House, about: Subject, found: Held) -> None:
    for path in found.files:
        path.unlink(missing_ok=True)
        with suppress(OSError):  # a folder of pictures goes with its last one
            path.parent.rmdir()
    for week, published in _published(house):
        if _judged(published, about):
            house.files(week).write(PUBLISHED, published_without(published, about.username))
    for week in house.heard.weeks:
        context = house.files(week).find(CONTEXT, Context)
        if context is not None and context.without(about.username) != context:
            house.files(week).write(CONTEXT, context.without(about.username))
    so_far = house.heard.find(HEARD, HeardSoFar)
    if so_far is not None:
        house.heard.write(HEARD, HeardSoFar(heard=heard_without(so_far.heard, about.username)))


# --- giving out -------------------------------------------------------------------------------------

_READ_ME = """# What is held about {name}

Made on {day} by `support-reports export`. All times are UTC.

| file | holds |
|---|---|
| `settings.json` | what `config/` says: the person, the goals agreed, days away and on call |
| `facts.json` | what was gathered from GitLab and Zendesk, by kind, as far as the person is in it |
| `counts.json` | what was counted by day of weeks whose facts are kept no more |
| `weeks.json` | each week as it was judged and published |
| `days.json` | what calendars and schedules said, by the week that was gathered |
| `conversations.json` | what was understood of comments below the reports |
| `log.json` | what was done to issues about the person, when, and who could read them then |
| `issues/` | the issues themselves, with all comments |

Comments and follow-ups hold words of other people too. Whoever hands this out looks through them first.

Not in here: {beyond}.
"""


def export(house: House, about: Subject, found: Held, folder: Path, by: str) -> None:
    """Write everything that is held into an empty folder, and note it in the person's log."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", "name another folder with --into")
    house.logs.add(about.username, [LogEntry(at=house.clock.now(), deed=Deed.EXPORTED, by=by)])
    files, who = house.heard.elsewhere(folder), about.username
    by_kind = {TABLES[kind].name: [asdict(fact) for fact in found.facts if type(fact) is kind] for kind in TABLES}
    files.write("facts", {table: rows for table, rows in by_kind.items() if rows})
    files.write("counts", [_count(row) for row in found.counts])
    files.write("settings", _settings(house, about))
    judged = {str(week): published.engineers[name] for week, published in _published(house) for name in _judged(published, about)}
    files.write("weeks", judged)
    days = {str(week): house.files(week).find(CONTEXT, Context) for week in house.heard.weeks}
    files.write("days", {week: context.of(who) for week, context in days.items() if context})
    so_far = house.heard.find(HEARD, HeardSoFar)
    files.write("conversations", [one for one in (so_far.heard if so_far else ()) if same_user(one.thread.subject, who)])
    files.write("log", house.logs.of(who))
    for issue in found.issues.theirs:
        _write_text(folder / "issues" / f"{issue.project.replace('/', '-')}-{issue.iid}.md", _issue_text(house, issue))
    beyond = "; ".join((*found.unread, *BEYOND_REACH[:2], BEYOND_REACH[4]))
    _write_text(folder / "README.md", _READ_ME.format(name=about.known.name or who, day=house.today, beyond=beyond))


def _count(row: CountRow) -> dict[str, object]:
    return asdict(row) | {"day": date.fromordinal(row.day)}


def _settings(house: House, about: Subject) -> dict[str, object]:
    return {
        "person": about.engineer,
        "known_by": about.known,
        "agreements": [a for a in house.settings.goals.agreements if same_user(a.who, about.username)],
        "context": house.settings.context.of(about.username),
    }


def _issue_text(house: House, issue: ExistingIssue) -> str:
    threads = house.conversations.threads(Place(path=issue.project, is_group=False), _EVER)
    thread = next((one for one in threads if one.iid == issue.iid), None)
    comments = "\n".join(_comment_text(comment) for comment in _comments(house, thread))
    return f"# {issue.title}\n\n{issue.url} ({issue.state})\n\n{issue.description}\n\n{comments}"


def _comments(house: House, thread: Thread | None) -> tuple[Comment, ...]:
    return house.conversations.comments(thread) if thread else ()


def _comment_text(comment: Comment) -> str:
    return f"---\n\n{comment.author}, {comment.at:%Y-%m-%d %H:%M}:\n\n{comment.text}\n"


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    path.chmod(0o600)
