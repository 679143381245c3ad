"""What people of the made-up organisation did on GitLab: merge requests, issues, pairing sessions, training modules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

from reports.core.people import Engineer, Team
from reports.core.weeks import Week, quarter_of
from reports.sandbox import phrases
from reports.sandbox.chance import between, chance, pick, poisson, rounded
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.roster import Calendar, Shift, fullness
from reports.sandbox.stories import pace
from reports.sandbox.world_gitlab import (
    BOT,
    CONTRIBUTION,
    DEVELOPERS,
    DOCUMENTATION,
    GUESTS,
    HANDBOOK,
    PAIRING,
    PRODUCT_PROJECTS,
    TRAINING,
)

#: One title in this many is hostile.
HOSTILE_SHARE = 40
PER_WEEK = {"fix": 0.18, "handbook": 0.35, "training": 0.12, "issue": 0.55, "open": 0.1}
DEVELOPER_PER_WEEK = 1.6
#: How often somebody opens an issue with their other account.
OTHER_ACCOUNT_PER_WEEK = 0.4


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when activity happens; `now` is the present, after which nothing happened."""

    state: GitlabState
    team: Team
    calendars: Mapping[str, Calendar]
    weeks: Sequence[Week]
    last_week: Week
    now: datetime
    seed: int


class Contribution(NamedTuple):
    """A merge request or issue to be opened; a tuple that sorts by time."""

    opened: datetime
    kind: str
    project: str
    author: str
    title: str
    labels: tuple[str, ...]
    ended: datetime | None


class Study(NamedTuple):
    """A training module somebody works through; a tuple that sorts by time."""

    opened: datetime
    who: str
    module: str
    done: datetime | None


def add_activity(scene: Scene) -> None:
    """Put everything into the state, in the order in which it was opened."""
    contributions = [done for engineer in scene.team.engineers for done in _contributions(scene, engineer)]
    for contribution in sorted([*contributions, *_outsiders(scene)]):
        if max(contribution.opened, contribution.ended or contribution.opened) <= scene.now:
            _open(scene, contribution)
    for week in scene.weeks:
        _add_pairing(scene, week)
    _add_invitation(scene)
    studies = [study for engineer in scene.team.engineers for study in _studies(scene, engineer)]
    for study in sorted(studies, key=lambda study: (study.opened, study.who)):
        if study.opened <= scene.now:
            _add_module(scene, study)


# --- merge requests and issues -----------------------------------------------------------------------


def _contributions(scene: Scene, engineer: Engineer) -> Iterable[Contribution]:
    yield from _docs(scene, engineer)
    calendar = scene.calendars[engineer.username]
    for week in scene.weeks:
        shifts = calendar.in_week(week)
        rng = chance(scene.seed, engineer.username, week, "contributions")
        for kind, mean in PER_WEEK.items():
            for _ in range(poisson(rng, mean * fullness(shifts))):
                yield _contribution(scene, engineer.username, kind, _moment(pick(rng, shifts), rng), rng)
        for account in engineer.other_usernames if shifts else ():
            rng = chance(scene.seed, account, week)
            if rng.random() < OTHER_ACCOUNT_PER_WEEK:
                yield _contribution(scene, account, "issue", _moment(pick(rng, shifts), rng), rng)


def _docs(scene: Scene, engineer: Engineer) -> Iterable[Contribution]:
    """Documentation comes in a steady trickle: gaps vary by half, and stretch over days away."""
    rng = chance(scene.seed, engineer.username, "docs")
    calendar = scene.calendars[engineer.username]
    moment = _second(scene.weeks[0].first_day) - between(rng, 0, 4 * 86_400)
    while True:
        usual = pace(engineer, _week_of(moment), scene.last_week, scene.seed).days_between_docs
        shift = calendar.after(moment + int(usual * rng.uniform(0.5, 1.5) * 86_400))
        if shift is None or shift.start > scene.now.timestamp():
            return
        moment = shift.start
        if rng.random() < shift.weight + shift.escalation / 3:
            yield _contribution(scene, engineer.username, "docs", _moment(shift, rng), rng)


def _contribution(scene: Scene, author: str, kind: str, ended: datetime, rng: Random) -> Contribution:
    """Something that was merged, or opened in the case of issues, at a moment."""
    product = PRODUCT_PROJECTS[rng.random() < 0.25]
    opened = ended - timedelta(minutes=between(rng, 60, 5 * 1440))
    places: dict[str, tuple[str, Sequence[str], tuple[str, ...]]] = {
        "docs": (product, phrases.DOCS_TITLES, (DOCUMENTATION, CONTRIBUTION)),
        "fix": (product, phrases.FIX_TITLES, (CONTRIBUTION,)),
        "open": (product, phrases.FIX_TITLES, (CONTRIBUTION,)),
        "handbook": (HANDBOOK, phrases.HANDBOOK_TITLES, (CONTRIBUTION,)),
        "training": (TRAINING, phrases.TRAINING_TITLES, ()),
        "issue": (product, phrases.ISSUE_TITLES, ("type::bug",)),
        "product": (product, phrases.PRODUCT_TITLES, ("type::maintenance",)),
        "product docs": (product, phrases.DOCS_TITLES, (DOCUMENTATION,)),
    }
    project, titles, labels = places[kind]
    title = _title(titles, rng)
    if title in phrases.HOSTILE_TITLES and ended.weekday() == 0:
        # A digest begins with Monday, and a reader who is new to it with an ordinary line.
        title = titles[len(title) % len(titles)]
    if kind == "issue":
        closed = ended + timedelta(days=between(rng, 3, 60)) if rng.random() < 0.4 else None
        return Contribution(ended, kind, project, author, title, labels, closed if closed and closed < scene.now else None)
    return Contribution(opened, kind, project, author, title, labels, None if kind == "open" else ended)


def _outsiders(scene: Scene) -> Iterable[Contribution]:
    """Product developers merge, customers open issues: none of it is the team's."""
    for week in scene.weeks:
        rng = chance(scene.seed, week, "outsiders")
        for username in DEVELOPERS:
            for _ in range(poisson(rng, DEVELOPER_PER_WEEK)):
                kind = "product docs" if rng.random() < 0.15 else "product"
                yield _contribution(scene, username, kind, _any_moment(week, rng), rng)
        for username in GUESTS:
            if rng.random() < 0.3:
                yield _contribution(scene, username, "issue", _any_moment(week, rng), rng)


def _open(scene: Scene, done: Contribution) -> None:
    project = scene.state.projects[done.project]
    if done.kind == "issue":
        scene.state.add_issue(
            done.project,
            done.author,
            done.title,
            created_at=done.opened,
            iid=len(project.issues) + 1,
            description="Steps to reproduce, what happens, what should happen.",
            labels=done.labels,
            closed_at=done.ended,
        )
        return
    scene.state.add_merge_request(
        done.project,
        done.author,
        done.title,
        created_at=done.opened,
        iid=len(project.merge_requests) + 1,
        merged_at=done.ended,
        merged_by=next(iter(DEVELOPERS)) if done.ended else None,
        labels=done.labels,
    )


# --- pairing -----------------------------------------------------------------------------------------


def _add_pairing(scene: Scene, week: Week) -> None:
    """Everybody wants a number of sessions and gets it; an odd one out joins a session of two."""
    order = sorted(scene.team.engineers, key=lambda engineer: engineer.username)
    rng = chance(scene.seed, week, "pairing")
    rng.shuffle(order)
    wants = [engineer.username for engineer in order for _ in range(_sessions_wanted(scene, engineer, week))]
    # Each person's wishes lie side by side, so the wish half the list away is somebody else's.
    half = len(wants) // 2
    sessions = [[first, second] for first, second in zip(wants[:half], wants[half : 2 * half], strict=True) if first != second]
    for who in wants[2 * half :]:
        next(filter(lambda session: who not in session, sessions), []).append(who)
    _open_sessions(scene, week, sessions, rng)


def _sessions_wanted(scene: Scene, engineer: Engineer, week: Week) -> int:
    shifts = scene.calendars[engineer.username].in_week(week)
    if not shifts:
        return 0
    share = min(1.0, fullness([shift._replace(weight=max(shift.weight, 0.5 * shift.on_call)) for shift in shifts]))
    full = _sessions_of_a_full_week(scene, engineer, week)
    rng = chance(scene.seed, engineer.username, week, "pairing share")
    return full if share > 0.95 else rounded(rng, full * share + 0.2 * (full > 0))


def _sessions_of_a_full_week(scene: Scene, engineer: Engineer, week: Week) -> int:
    """By chance, but who had few in one week makes up for it in the next."""
    usual = pace(engineer, week, scene.last_week, scene.seed).usual_sessions
    drawn, before = (_drawn_sessions(scene, engineer, w) for w in (week, week.plus(-1)))
    return max(drawn, usual) if before < usual else drawn


def _drawn_sessions(scene: Scene, engineer: Engineer, week: Week) -> int:
    chances = pace(engineer, week, scene.last_week, scene.seed).pairing
    return chance(scene.seed, engineer.username, week, "pairing").choices(range(len(chances)), chances)[0]


def _open_sessions(scene: Scene, week: Week, sessions: Iterable[Sequence[str]], rng: Random) -> None:
    found = []
    for participants in sessions:
        shifts = scene.calendars[participants[0]].in_week(week)
        found.append((_moment(pick(rng, shifts), rng), tuple(participants), _title(phrases.PAIRING_TITLES, rng)))
    project = scene.state.projects[PAIRING]
    for opened, participants, title in sorted(found):
        scene.state.add_issue(
            PAIRING,
            participants[0],
            title,
            created_at=opened,
            iid=len(project.issues) + 1,
            description=f"What we looked at, and what we learned. {len(participants)} of us took part.",
            assignees=participants,
            closed_at=opened + timedelta(minutes=5),
        )


def _add_invitation(scene: Scene) -> None:
    """An issue that a bot opened and has to itself: nobody's session."""
    rng = chance(scene.seed, "invitation")
    scene.state.add_issue(
        PAIRING,
        BOT,
        "Who pairs with whom this month?",
        created_at=_any_moment(scene.last_week, rng),
        description="Opened by the schedule.",
        assignees=(BOT,),
    )


# --- training ----------------------------------------------------------------------------------------


def _studies(scene: Scene, engineer: Engineer) -> Iterable[Study]:
    """One module early in each quarter for nearly everybody, now and then one more or one at hand, several for somebody new."""
    calendar = scene.calendars[engineer.username]
    quarters = sorted({quarter_of(week.last_day).first for week in scene.weeks})
    for first_day in quarters:
        rng = chance(scene.seed, engineer.username, first_day, "training")
        starts = [between(rng, 0, 6)] if rng.random() < 0.9 else [between(rng, 20, 45)]
        starts += [between(rng, 25, 80) for _ in range(poisson(rng, 0.5))]
        modules = rng.sample(phrases.MODULES, k=len(phrases.MODULES))
        for start, module in zip(starts, modules, strict=False):
            yield from _study(scene, engineer.username, module, calendar.after(_second(first_day) + start * 86_400), rng)
    rng = chance(scene.seed, engineer.username, "module at hand")
    recent = calendar.after(int(scene.now.timestamp()) - between(rng, 4, 12) * 86_400)
    if rng.random() < 0.3 and recent is not None:
        yield Study(_moment(recent, rng), engineer.username, pick(rng, phrases.MODULES), None)
    if engineer.start_date > scene.weeks[0].first_day:
        for place, module in enumerate(phrases.ONBOARDING_MODULES):
            rng = chance(scene.seed, engineer.username, module)
            yield from _study(
                scene, engineer.username, module, calendar.after(_second(engineer.start_date) + place * 9 * 86_400), rng
            )


def _study(scene: Scene, who: str, module: str, shift: Shift | None, rng: Random) -> Iterable[Study]:
    if shift is None or shift.start > scene.now.timestamp():
        return
    finished = scene.calendars[who].after(shift.start + between(rng, 2, 9) * 86_400)
    done = _moment(finished, rng) if finished is not None else None
    yield Study(_moment(shift, rng), who, module, done if done is not None and done < scene.now else None)


def _add_module(scene: Scene, study: Study) -> None:
    box = "x" if study.done else " "
    steps = "\n".join(f"- [{box}] {step}" for step in phrases.MODULE_STEPS)
    scene.state.add_issue(
        TRAINING,
        study.who,
        f"{study.module} - {scene.state.user(study.who).name}",
        created_at=study.opened,
        iid=len(scene.state.projects[TRAINING].issues) + 1,
        description=f"## {study.module}\n\n{steps}\n",
        labels=("module",),
        assignees=(study.who,),
        closed_at=study.done,
    )


# --- pieces ------------------------------------------------------------------------------------------


def _title(titles: Sequence[str], rng: Random) -> str:
    return pick(rng, phrases.HOSTILE_TITLES if rng.random() < 1 / HOSTILE_SHARE else titles)


def _moment(shift: Shift, rng: Random) -> datetime:
    return datetime.fromtimestamp(between(rng, shift.start, max(shift.start + 60, shift.end - 600)), UTC)


def _any_moment(week: Week, rng: Random) -> datetime:
    return datetime.fromtimestamp(_second(week.first_day) + between(rng, 6 * 3600, 5 * 86_400), UTC)


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _week_of(second: int) -> Week:
    return Week.containing(datetime.fromtimestamp(second, UTC).date())
