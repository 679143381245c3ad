"""What people say below the issues and what is answered, on ports: hear, answer, post; no rules, no adapter by name."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from reports.core.case_views import AnswerView, ChangeView, Examples, PlanOverView
from reports.core.cases import Case, Talks, WeeklyTalk
from reports.core.conversation import DAMAGED, Heard, Place, Reader, Thread, hear, noticed_marker, posted_marker, record_marker
from reports.core.follow_up_view import plan_view
from reports.core.followups import ActionPlan, CaseState
from reports.core.listening import Answer, Change, Listened
from reports.core.model import Privacy, ReportDefinition
from reports.core.people import Engineer, Manager, Team, same_user
from reports.core.publication import Audience, subject_of
from reports.core.replies import Reply
from reports.core.report_views import Desk
from reports.core.weeks import monday_from
from reports.errors import PublishError
from reports.ports import Conversations, Progress, ProgressListener, Renderer

TAKEN_EMOJI, ASKING_EMOJI = "white_check_mark", "question"


def place_of(definition: ReportDefinition) -> Place:
    """Where the issues of a personal report lie: its project, or the group above the projects per person."""
    steps = definition.project.split("/")
    fixed = list(takewhile(lambda step: "{" not in step, steps))
    return Place(path="/".join(fixed), is_group=len(fixed) < len(steps))


def hear_all(
    conversations: Conversations,
    where: Mapping[Place, datetime],
    known: Iterable[Heard],
    reader: Callable[[Thread], Reader],
    tell: ProgressListener,
) -> tuple[Heard, ...]:
    """Everything heard so far, with what was said in issues touched since an instant, by place.

    Comments of an issue that looks the same as when it was heard are not read again, unless it is open and something
    was answered in it: whether an edit shows from outside is not known, and it has to be noticed.
    """
    heard = {(one.thread.project, one.thread.iid): one for one in known}
    threads = [thread for place, since in where.items() for thread in conversations.threads(place, since)]
    for done, thread in enumerate(threads):
        tell(Progress(step="listen", detail=f"{len(threads)} issues", fraction=done / len(threads)))
        before = heard.get((thread.project, thread.iid))
        if before is None or before.thread != thread or (before.records and thread.is_open):
            comments = conversations.comments(thread) if thread.comments else ()
            heard[thread.project, thread.iid] = hear(thread, comments, conversations.bot, reader(thread))
    return tuple(heard[key] for key in sorted(heard))


# --- what is to be answered ------------------------------------------------------------------------


def replies(definitions: Sequence[ReportDefinition], desk: Desk, renderer: Renderer) -> tuple[Reply, ...]:
    """Every answer that is still to be given, in the order of the issues and of what was said there."""
    by_name = {definition.name: definition for definition in definitions}
    found: list[Reply] = []
    for talk in desk.talks.weekly:
        audience = _weekly_audience(talk, by_name[talk.heard.thread.report])
        found += _answers(talk.listened, talk.heard, audience, desk, renderer)
    for case in desk.talks.cases:
        if not case.is_left:
            audience = _case_audience(case, by_name[case.heard.thread.report])
            found += _answers(case.listened, case.heard, audience, desk, renderer)
            found += _plan_over(case, audience, desk, renderer)
    return tuple(found)


def waiting(definitions: Sequence[ReportDefinition], said: Talks) -> tuple[Audience, ...]:
    """Who could read the answers that are still to be given, an audience for each conversation with one."""
    by_name = {definition.name: definition for definition in definitions}
    weekly = [_weekly_audience(talk, by_name[talk.heard.thread.report]) for talk in said.weekly if talk.listened.answers]
    cases = [case for case in said.cases if case.listened.answers and not case.is_left]
    return (*weekly, *(_case_audience(case, by_name[case.heard.thread.report]) for case in cases))


def concerned(desk: Desk) -> frozenset[str]:
    """The engineers for whom something was taken that is not answered yet: their reports may look different now."""
    everything: list[WeeklyTalk | Case] = [*desk.talks.weekly, *desk.talks.cases]
    return frozenset(talk.engineer.username for talk in everything if any(answer.record.took for answer in talk.listened.answers))


def _weekly_audience(talk: WeeklyTalk, definition: ReportDefinition) -> Audience:
    return _audience(talk.heard, definition, (talk.engineer.username, talk.read_by))


def _case_audience(case: Case, definition: ReportDefinition) -> Audience:
    return _audience(case.heard, definition, (case.engineer.reports_to, *case.progress.allowed))


def _audience(heard: Heard, definition: ReportDefinition, readers: Iterable[str]) -> Audience:
    return Audience(
        key=heard.thread.key,
        project=heard.thread.project,
        privacy=definition.privacy,
        confidential=definition.confidential,
        readers=tuple(sorted(set(readers))),
        assignees=heard.thread.assignees,
    )


def _answers(listened: Listened, heard: Heard, audience: Audience, desk: Desk, renderer: Renderer) -> Iterator[Reply]:
    for answer in listened.answers:
        yield _reply(heard, audience, answer, renderer.issue("answer", _answer_view(answer, audience, desk)))
    for change in listened.changes:
        body = renderer.issue("changed_comment", _change_view(change, desk))
        yield Reply(audience=audience, iid=heard.thread.iid, marker=noticed_marker(change.noticed), body=body)


def _reply(heard: Heard, audience: Audience, answer: Answer, body: str) -> Reply:
    return Reply(
        audience=audience,
        iid=heard.thread.iid,
        marker=record_marker(answer.record),
        body=body,
        comment=answer.record.comment,
        emoji=TAKEN_EMOJI if answer.record.took else ASKING_EMOJI,
    )


def _answer_view(answer: Answer, audience: Audience, desk: Desk) -> AnswerView:
    return AnswerView(
        mention=desk.mention,
        author=answer.record.author,
        name=_name_of(answer.record.author, desk.plan.team),
        is_follow_up=audience.privacy is Privacy.P4,
        taken=answer.record.took,
        refused=answer.refused,
        misunderstood=answer.misunderstood,
        examples=Examples(past=desk.today, to_come=monday_from(desk.today + timedelta(days=8)), week=desk.results.week),
    )


def _name_of(username: str, team: Team) -> str:
    """The name of somebody in the team, empty for anybody else."""
    people: list[Engineer | Manager] = [*team.engineers, *team.managers]
    return next((person.name for person in people if same_user(person.username, username)), "")


def _change_view(change: Change, desk: Desk) -> ChangeView:
    record = change.record
    return ChangeView(mention=desk.mention, author=record.author, taken=record.took, is_damaged=record.digest == DAMAGED)


def _plan_over(case: Case, audience: Audience, desk: Desk, renderer: Renderer) -> Iterator[Reply]:
    """The facts of an action plan that has had its weeks, posted once; nothing while it is paused or after it was judged."""
    plan = case.progress.plan
    if plan is None or case.progress.state(desk.today) is not CaseState.ACTION_PLAN or not case.is_open:
        return
    name = f"plan-over-{plan.start}-{_digest(plan)}"
    view = plan_view(desk, desk.of(case.engineer.username), plan)
    if view.is_over and {name, f"plan-over-{plan.start}"}.isdisjoint(case.heard.posted):
        body = renderer.issue("plan_over", PlanOverView(mention=desk.mention, plan=view))
        yield Reply(audience=audience, iid=case.heard.thread.iid, marker=posted_marker(name), body=body)


def _digest(plan: ActionPlan) -> str:
    """Sixteen hex digits that tell plans of the same day apart."""
    goals = ", ".join(sorted(goal.text for goal in plan.goals))
    return hashlib.sha256(goals.encode()).hexdigest()[:16]


def kept_promises(wanted: Iterable[Reply], failed: Iterable[str]) -> tuple[Reply, ...]:
    """The answers about people none of whose issues failed, by key: the others say that something was done which was not.

    Unanswered, their comments make the next run try everything again.
    """
    people = {subject_of(key) for key in failed}
    return tuple(reply for reply in wanted if subject_of(reply.audience.key) not in people)


def post(wanted: Sequence[Reply], conversations: Conversations, tell: ProgressListener) -> tuple[int, tuple[str, ...]]:
    """Post answers one after the other; how many were posted, and what was refused, a sentence each."""
    posted, failures = 0, []
    for done, reply in enumerate(wanted):
        tell(Progress(step="answer", detail=f"{len(wanted)} answers", fraction=done / len(wanted)))
        try:
            posted += conversations.post(reply)
        except PublishError as error:
            failures.append(error.message)
    return posted, tuple(failures)
