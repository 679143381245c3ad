"""How it is with GitLab: version, tokens, what the reading token sees, and where the reports go; judges what was observed."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from reports.core.audience import READS_CONFIDENTIAL, Destination, violations
from reports.core.health import AUDIENCE, PUBLISHING, SECRETS, SOURCE, Finding, Trouble, ok, unseen, warning, wrong
from reports.core.model import Privacy
from reports.core.publication import Audience

#: The first GitLab with the role Planner.
OLDEST = (17, 7)
#: So many days before a token ends somebody should know.
SOON = 14

VERSION, WRITING, READING, USERS = "GitLab: version", "GitLab: token to write", "GitLab: token to read", "GitLab: two users"
COUNTED, PEOPLE, LABELS = "GitLab: what is counted", "GitLab: people", "GitLab: labels"
_PLANNER_TO_READ = "give the reading user the role Planner there"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSeen:
    """A token as GitLab describes it: whose it is (empty when it may not ask that), its scopes, its last day (None: none)."""

    variable: str
    username: str = ""
    scopes: tuple[str, ...] = ()
    ends_on: date | None = None
    trouble: Trouble | None = None

    @property
    def may_read(self) -> bool:
        """Whether more may be asked with it."""
        return self.trouble is None and not {"api", "read_api"}.isdisjoint(self.scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the reading token sees of what is counted: places it does not see at all, and sentences on what is hidden.

    `unknown` are usernames without an account, `hints` sentences on what `team.yml` should say, `labels` what each project has.
    """

    missing: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)


def about_version(text: str) -> Finding:
    """Whether a version such as `19.2.0-ee` is new enough; empty when no token may ask for it."""
    numbers = re.match(r"(\d+)\.(\d+)", text)
    if numbers is None:
        return unseen(VERSION, "the tokens")
    if (int(numbers[1]), int(numbers[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return warning(VERSION, f"{text} is older than {oldest}", f"update GitLab: before {oldest} it has no role Planner")
    return ok(VERSION, text)


# --- tokens ---------------------------------------------------------------------------------------


def about_tokens(writing: TokenSeen, reading: TokenSeen | None, today: date) -> Iterator[Finding]:
    """Scopes, days left, and whether two users do the two kinds of work; `reading` is None where one token does both."""
    yield _about_token(WRITING, writing, {"api"}, today)
    if reading is None:
        yield warning(
            READING,
            "GITLAB_READ_TOKEN is not set, so one user reads and writes",
            "make a second user with the scope read_api and no role where reports lie; set its token as GITLAB_READ_TOKEN",
        )
        return
    yield _about_token(READING, reading, {"api", "read_api"}, today)
    if writing.username and reading.username:
        yield _about_users(writing.username, reading.username)


def missing_token(variable: str) -> Trouble:
    """That a variable is not set."""
    step = "set it as a masked CI/CD variable, or export it; a protected one is empty on branches that are not"
    return Trouble(says=f"{variable} is not set", step=step, code=SECRETS)


def _about_token(subject: str, token: TokenSeen, needed: set[str], today: date) -> Finding:
    if token.trouble:
        return wrong(subject, token.trouble)
    has = ", ".join(token.scopes) or "none"
    if needed.isdisjoint(token.scopes):
        lacks = "api" if needed == {"api"} else "read_api"
        step = f"make a token of the same user with the scope {lacks} and set it as {token.variable}"
        code = PUBLISHING if needed == {"api"} else SOURCE
        return wrong(subject, Trouble(says=f"the scope {lacks} is missing; it has {has}", step=step, code=code))
    left = (token.ends_on - today).days if token.ends_on else None
    if left is not None and left <= SOON:
        step = f"rotate it, or make a new one, and set it as {token.variable}; it ends at midnight UTC"
        return warning(subject, f"it ends in {left} days, on {token.ends_on}", step)
    if subject == READING and "api" in token.scopes:
        step = f"make one with the scope read_api and set it as {token.variable}"
        return warning(subject, "the token that only reads could write as well (scope api)", step)
    days = "without an end" if left is None else f"{left} days left"
    return ok(subject, f"{token.username or 'a user'}, {has}, {days}")


def _about_users(writing: str, reading: str) -> Finding:
    if writing.casefold() == reading.casefold():
        step = "make GITLAB_READ_TOKEN a token of another user, with no role where reports lie"
        return warning(USERS, f"both tokens are of {writing}, so whoever has the one to read can read the reports", step)
    return ok(USERS, f"{writing} writes, {reading} reads")


# --- what is read ---------------------------------------------------------------------------------


def about_sight(sight: Sight, accounts: int, labels: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Places, roles, people and labels; `labels` are those that each project has to have for its issues to be understood."""
    for path in sight.missing:
        step = f"correct it in config/sources.yml, or {_PLANNER_TO_READ}"
        yield wrong(COUNTED, Trouble(says=f"{path} is not there, or the reading token cannot see it", step=step, code=SOURCE))
    for sentence in sight.hidden:
        yield warning(COUNTED, sentence, _PLANNER_TO_READ)
    if not (sight.missing or sight.hidden):
        yield ok(COUNTED, "every place is there, and nothing in it is hidden")
    yield from _about_people(sight, accounts)
    if labels:
        yield from _about_labels(sight, labels)


def _about_people(sight: Sight, accounts: int) -> Iterator[Finding]:
    for username in sight.unknown:
        step = "in team.yml write their present username, and this one among other_usernames; who has left is taken out"
        yield warning(PEOPLE, f"GitLab has no account {username}: renamed, misspelt or gone", step)
    for hint in sight.hints:
        yield warning(PEOPLE, hint, "correct config/team.yml")
    if not (sight.unknown or sight.hints):
        yield ok(PEOPLE, f"all {accounts} have an account")


def _about_labels(sight: Sight, labels: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    found = [_about_labels_of(project, wanted, sight) for project, wanted in labels.items() if project not in sight.missing]
    lacking = [finding for finding in found if finding]
    yield from lacking or (ok(LABELS, "the labels of the queues are there"),)


def _about_labels_of(project: str, wanted: Sequence[str], sight: Sight) -> Finding | None:
    if project not in sight.labels:
        return warning(LABELS, f"the labels of {project} cannot be read", _PLANNER_TO_READ)
    lacking = [label for label in wanted if label not in sight.labels[project]]
    if not lacking:
        return None
    step = "make them there or in a group above, or correct them under gitlab.queues in config/sources.yml"
    return warning(LABELS, f"{project} has no label {', '.join(lacking)}, so no issue is taken for what it means", step)


# --- where reports go -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """Where reports go, as the writing token's user `bot` finds it; `levels` are its access levels, by project."""

    bot: str
    places: Mapping[str, Destination]
    levels: Mapping[str, int]


def about_reports(audiences: Iterable[Audience], side: Publishing) -> Iterator[Finding]:
    """For each report whether its projects are there, the bot may write, and nobody could read it who must not."""
    by_report: dict[str, list[Audience]] = {}
    for audience in audiences:
        by_report.setdefault(audience.key.partition("/")[0], []).append(audience)
    for report, own in by_report.items():
        found = tuple(_about_report(f"report: {report}", own, side))
        count = len({audience.project for audience in own})
        where = next(iter(own)).project if count == 1 else f"{count} projects"
        yield from found or (ok(f"report: {report}", f"{where}: there, writable, readable by nobody else"),)


def _about_report(subject: str, audiences: Sequence[Audience], side: Publishing) -> Iterator[Finding]:
    places = side.places
    projects = list(dict.fromkeys(audience.project for audience in audiences))
    absent = [project for project in projects if project not in places]
    if absent:
        step = "create it, or correct `project` in config/reports.yml, and give the writing user the role Planner there"
        says = f"not there, or not to be seen by the writing token: {', '.join(absent)}"
        yield wrong(subject, Trouble(says=says, step=step, code=PUBLISHING))
    there = [places[project] for project in projects if project in places]
    low = [place.project for place in there if side.levels[place.project] < READS_CONFIDENTIAL]
    if low:
        says = f"the role of {side.bot} is below Planner in {', '.join(low)}"
        yield wrong(subject, Trouble(says=says, step="give the writing user the role Planner there", code=PUBLISHING))
    for place in there:
        if place.moved_to:
            yield warning(subject, f"{place.project} is now {place.moved_to}", "correct `project` in config/reports.yml")
    yield from _about_readers(subject, audiences, places, side.bot)


def _about_readers(subject: str, audiences: Sequence[Audience], places: Mapping[str, Destination], bot: str) -> Iterator[Finding]:
    known = [audience for audience in audiences if audience.project in places]
    found = dict.fromkeys(violation for one in known for violation in violations(one, places[one.project], bot))
    told = {(violation.project, violation.reason): violation.remedy for violation in found}
    for (project, reason), remedy in told.items():
        yield wrong(subject, Trouble(says=f"{project}: {reason}", step=remedy, code=AUDIENCE))
    personal = {one.project for one in known if one.privacy not in (Privacy.P0, Privacy.P1)}
    for project in sorted(personal):
        visibility = places[project].visibility
        if visibility != "private" and project not in {place for place, _ in told}:
            says = f"{project} is {visibility}: that its issues are confidential is all that keeps others out"
            yield warning(subject, says, "make the project private")
