"""Things broken one at a time in the sandbox: each is named with the right next step, and everything else stays as it was."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from reports.adapters.clocks import FixedClock
from reports.adapters.http_session import PacedSession, Patience, Waiting
from reports.commands import console, doctor_text
from reports.core.health import Finding, Verdict, exit_code
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.jobs.doctor import examine
from reports.ports import Page
from reports.sandbox.faults import failing
from reports.sandbox.gitlab_objects import GUEST, MAINTAINER, PLANNER, REPORTER, PipelineSchedule
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.world_gitlab import PAIRING, PRODUCT_GROUP, READER, WRITER, WRITER_TOKEN
from reports.sandbox.world_queues import ATTENTION_REQUESTS
from reports.sandbox.zendesk_account import AGENT_TOKEN
from reports.wiring.house import House
from tests.integration.organisation import MONDAY
from tests.integration.test_command_line import NOBODY_LISTENS, call
from tests.small_organisation import small_organisation

OWN, PIPELINES = "acme/support/1-1s/iduarte", "acme/support-operations/reports"
TO_WRITE, TO_READ, COUNTED = "GitLab: token to write", "GitLab: token to read", "GitLab: what is counted"
EXPORTS = ("Zendesk: tickets", "Zendesk: ticket events", "Zendesk: metric events")


@dataclass
class Patient:
    """The organisation with all that a test may break."""

    demo: Demo
    store: Path
    now: datetime = MONDAY
    environment: dict[str, str] = field(default_factory=lambda: ENVIRONMENT | {"CI_PROJECT_PATH": PIPELINES})

    @property
    def gitlab(self) -> GitlabState:
        return self.demo.sandbox.gitlab

    @property
    def schedules(self) -> list[PipelineSchedule]:
        """The weekly, the daily and the hourly one."""
        return self.gitlab.projects[PIPELINES].schedules

    def add_schedules(self) -> None:
        """The project with the pipelines: the writing user may renew its token there, the reading one reads."""
        gitlab = self.gitlab
        gitlab.add_project(PIPELINES)
        gitlab.add_member(PIPELINES, WRITER, MAINTAINER)
        gitlab.add_member(PIPELINES, READER, REPORTER)
        gitlab.add_schedule(PIPELINES, "dnovotny", "0 5 * * 1", MONDAY + timedelta(days=7, hours=-1))
        gitlab.add_schedule(PIPELINES, "plindqvist", "0 3 * * *", MONDAY + timedelta(days=1), run="daily")
        gitlab.add_schedule(PIPELINES, "plindqvist", "15 * * * *", MONDAY + timedelta(minutes=15), run="hourly")

    @property
    def house(self) -> House:
        """As another process would build it; waiting costs no time."""
        return House(
            config=self.demo.house.config,
            store_folder=self.store,
            environment=self.environment,
            clock=FixedClock(self.now),
            new_session=lambda: PacedSession(Patience(), Waiting(sleep=lambda seconds: None)),
        )

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text in a file of the config."""
        path = self.demo.house.config / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def set_token(self, variable: str, username: str, *scopes: str, ends_on: date | None = None) -> None:
        """A token of its own for a variable."""
        secret = f"glpat-{variable.lower()}-of-{username}"
        self.gitlab.add_token(secret, username, scopes, expires_on=ends_on)
        self.environment[variable] = secret

    def gather(self, until: datetime, problem: str = "") -> None:
        """A store as an earlier gather left it."""
        store = self.house.store
        store.start("gitlab.issues", until - timedelta(days=90))
        store.commit(Page(stream="gitlab.issues", facts=(), cursor="", until=until))
        store.report_problem("gitlab.issues", problem)

    def rewrite_header(self, text: str) -> None:
        """Another header in the store."""
        self.gather(self.now)
        (self.store / "store.json").write_text(text, encoding="utf-8")


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Patient]:
    with small_organisation(tmp_path) as demo:
        patient = Patient(demo, tmp_path / "store")
        patient.add_schedules()
        yield patient


@dataclass(frozen=True)
class Symptom:
    """A finding that is expected: its verdict, words of what it says, and words of its next step."""

    verdict: Verdict
    says: str
    step: str = ""

    def fits(self, finding: Finding) -> bool:
        return self.verdict is finding.verdict and self.says in finding.says and self.step in finding.step


def wrong(says: str, step: str) -> Symptom:
    return Symptom(Verdict.WRONG, says, step)


def warned(says: str, step: str) -> Symptom:
    return Symptom(Verdict.WARNING, says, step)


def unseen(first: str) -> Symptom:
    return Symptom(Verdict.UNSEEN, f"mend {first} first")


@dataclass(frozen=True)
class Case:
    """A thing to break, and by subject all that has to be found; `code` is the exit code then."""

    breaks: Callable[[Patient], object]
    code: int
    found: dict[str, Symptom]


CASES: dict[str, Case] = {}


def broken(code: int, **found: Symptom) -> Callable[[Callable[[Patient], object]], Callable[[Patient], object]]:
    """Registers a way to break something under its function's name; `_` and `__` in subjects stand for a blank and a colon."""

    def register(breaks: Callable[[Patient], object]) -> Callable[[Patient], object]:
        subjects = {subject.replace("__", ": ").replace("_", " "): symptom for subject, symptom in found.items()}
        CASES[breaks.__name__] = Case(breaks, code, {_NAMES.get(s, s): symptom for s, symptom in subjects.items()})
        return breaks

    return register


_NAMES = {
    "report: own": "report: engineer_weekly",
    "report: team": "report: team_weekly",
    "report: service": "report: service_weekly",
    "report: queue": "report: region_queue",
    "store: issues": "store: gitlab.issues",
}
_NEW_TO_WRITE = "make a new token of the same user and set it as GITLAB_TOKEN"

# --- tokens ---------------------------------------------------------------------------------------


@broken(
    7,
    GitLab__token_to_write=wrong("does not take GITLAB_TOKEN: it is unknown (401)", _NEW_TO_WRITE),
    reports=unseen(TO_WRITE),
)
def a_wrong_token_to_write(patient: Patient) -> None:
    patient.environment["GITLAB_TOKEN"] = "glpat-of-somebody-else"


@broken(
    4,
    GitLab__token_to_read=wrong("does not take GITLAB_READ_TOKEN: it is unknown (401)", "set it as GITLAB_READ_TOKEN"),
    GitLab__what_is_counted=unseen(TO_READ),
)
def a_wrong_token_to_read(patient: Patient) -> None:
    patient.environment["GITLAB_READ_TOKEN"] = "glpat-of-somebody-else"


@broken(
    7, GitLab__token_to_write=wrong("does not take GITLAB_TOKEN: it has expired (401)", _NEW_TO_WRITE), reports=unseen(TO_WRITE)
)
def an_expired_token(patient: Patient) -> None:
    patient.set_token("GITLAB_TOKEN", WRITER, "api", ends_on=MONDAY.date())


@broken(
    7, GitLab__token_to_write=wrong("does not take GITLAB_TOKEN: it was revoked (401)", _NEW_TO_WRITE), reports=unseen(TO_WRITE)
)
def a_revoked_token(patient: Patient) -> None:
    patient.gitlab.tokens[WRITER_TOKEN].revoked = True


@broken(
    9,
    GitLab__token_to_write=warned("it ends in 5 days, on 2026-11-21", "rotate it, or make a new one, and set it as GITLAB_TOKEN"),
)
def a_token_that_ends_in_five_days(patient: Patient) -> None:
    patient.set_token("GITLAB_TOKEN", WRITER, "api", ends_on=date(2026, 11, 21))


@broken(7, GitLab__token_to_write=wrong("the scope api is missing; it has read_api", "the scope api and set it as GITLAB_TOKEN"))
def a_missing_scope_to_write(patient: Patient) -> None:
    patient.set_token("GITLAB_TOKEN", WRITER, "read_api")


@broken(
    4,
    GitLab__token_to_read=wrong("the scope read_api is missing; it has read_user", "set it as GITLAB_READ_TOKEN"),
    GitLab__what_is_counted=unseen(TO_READ),
    GitLab__version=unseen("the tokens"),
)
def a_missing_scope_to_read(patient: Patient) -> None:
    patient.set_token("GITLAB_READ_TOKEN", READER, "read_user")


@broken(9, GitLab__token_to_read=warned("could write as well (scope api)", "scope read_api and set it as GITLAB_READ_TOKEN"))
def a_token_to_read_that_could_write(patient: Patient) -> None:
    patient.set_token("GITLAB_READ_TOKEN", READER, "api")


@broken(2, GitLab__token_to_write=wrong("GITLAB_TOKEN is not set", "masked CI/CD variable"), reports=unseen(TO_WRITE))
def no_token_to_write(patient: Patient) -> None:
    del patient.environment["GITLAB_TOKEN"]


@broken(9, GitLab__token_to_read=warned("GITLAB_READ_TOKEN is not set", "make a second user with the scope read_api"))
def no_token_to_read(patient: Patient) -> None:
    del patient.environment["GITLAB_READ_TOKEN"]
    patient.gitlab.add_member(PRODUCT_GROUP, WRITER, REPORTER)


@broken(9, GitLab__two_users=warned(f"both tokens are of {WRITER}", "a token of another user, with no role where reports lie"))
def two_tokens_of_one_user(patient: Patient) -> None:
    patient.set_token("GITLAB_READ_TOKEN", WRITER, "read_api")
    patient.gitlab.add_member(PRODUCT_GROUP, WRITER, REPORTER)


@broken(4, GitLab__token_to_write=wrong("GITLAB_TOKEN holds no usable secret", "no line break"), reports=unseen(TO_WRITE))
def a_token_with_a_line_break(patient: Patient) -> None:
    patient.environment["GITLAB_TOKEN"] = "glpat-two\nlines"


@broken(
    7,
    GitLab__token_to_write=wrong("does not let the token's user describe the token (403)", "and its user a role"),
    reports=unseen(TO_WRITE),
)
def a_blocked_user(patient: Patient) -> None:
    patient.gitlab.user(WRITER).state = "blocked"


# --- GitLab itself --------------------------------------------------------------------------------


@broken(
    4,
    GitLab__server=wrong(f"GitLab at {NOBODY_LISTENS} cannot be reached", "Check the address in config/sources.yml"),
    GitLab__everything_else=unseen("GitLab: server"),
)
def gitlab_is_down(patient: Patient) -> None:
    patient.edit("sources.yml", patient.demo.sandbox.gitlab_url, NOBODY_LISTENS)


@broken(
    4,
    GitLab__server=wrong("is no GitLab (404)", "correct the address in config/sources.yml"),
    GitLab__everything_else=unseen("GitLab: server"),
)
def the_address_is_no_gitlab(patient: Patient) -> None:
    patient.edit("sources.yml", patient.demo.sandbox.gitlab_url, patient.demo.sandbox.zendesk_url)


@broken(
    4,
    GitLab__server=wrong("answers 503", "status page"),
    GitLab__everything_else=unseen("GitLab: server"),
)
def gitlab_is_being_maintained(patient: Patient) -> None:
    patient.demo.sandbox.faults.add(failing("/api/v4/version", 503, host="gitlab", count=None))


@broken(9, GitLab__version=warned("17.6.1-ee is older than 17.7", "update GitLab"))
def an_old_gitlab(patient: Patient) -> None:
    patient.gitlab.version = "17.6.1-ee"


@broken(
    9,
    GitLab__clock=warned("our clock is 10 minutes ahead of its clock", "NTP"),
    Zendesk__clock=warned("our clock is 10 minutes ahead of its clock", "NTP"),
)
def a_clock_ten_minutes_ahead(patient: Patient) -> None:
    patient.now = MONDAY + timedelta(minutes=10)


# --- where reports go -----------------------------------------------------------------------------


@broken(7, report__own=wrong(f"not to be seen by the writing token: {OWN}", "correct `project` in config/reports.yml"))
def a_missing_project(patient: Patient) -> None:
    del patient.gitlab.projects[OWN]


@broken(9, report__own=warned(f"{OWN} is public: that its issues are confidential is all", "make the project private"))
def a_public_project(patient: Patient) -> None:
    patient.gitlab.projects[OWN].visibility = "public"


@broken(9, report__own=warned(f"{OWN} is now acme/support/moved", "correct `project` in config/reports.yml"))
def a_project_that_moved(patient: Patient) -> None:
    patient.gitlab.move_project(OWN, "acme/support/moved")


@broken(8, report__own=wrong(f"{OWN}: jbeck (access level 20) could read it", "remove them from the project"))
def somebody_who_could_read_too_much(patient: Patient) -> None:
    patient.gitlab.add_member(OWN, "jbeck", REPORTER)


@broken(8, report__own=wrong(f"{OWN}: {READER} (access level 20) could read it", "or lower their role there"))
def the_reading_user_where_reports_lie(patient: Patient) -> None:
    patient.gitlab.add_member(OWN, READER, REPORTER)


@broken(7, report__contributions=wrong(f"the role of {WRITER} is below Planner", "give the writing user the role Planner there"))
def a_role_too_low_to_write(patient: Patient) -> None:
    in_the_group = patient.gitlab.groups["acme/support"].members.pop(patient.gitlab.user(WRITER).id)
    for path, project in patient.gitlab.projects.items():
        if path.startswith("acme/support/"):
            project.members[patient.gitlab.user(WRITER).id] = GUEST if path.endswith("support-team-meta") else in_the_group


# --- what is counted ------------------------------------------------------------------------------


@broken(9, GitLab__what_is_counted=warned(f"role Guest in {ATTENTION_REQUESTS} hides confidential issues", "role Planner there"))
def a_role_too_low_to_read_what_is_confidential(patient: Patient) -> None:
    patient.gitlab.add_member(ATTENTION_REQUESTS, READER, GUEST)


@broken(4, GitLab__what_is_counted=wrong(f"{PAIRING} is not there, or the reading token cannot see it", "config/sources.yml"))
def a_missing_project_that_is_counted(patient: Patient) -> None:
    del patient.gitlab.projects[PAIRING]


@broken(4, GitLab__what_is_counted=wrong("product/misspelt is not there", "correct it in config/sources.yml"))
def a_missing_group(patient: Patient) -> None:
    patient.edit("sources.yml", f"product_group: {PRODUCT_GROUP}", "product_group: product/misspelt")


@broken(9, GitLab__labels=warned(f"{ATTENTION_REQUESTS} has no label star-urgency::urgent", "under gitlab.queues"))
def a_missing_label(patient: Patient) -> None:
    del patient.gitlab.projects[ATTENTION_REQUESTS].labels["star-urgency::urgent"]


@broken(9, GitLab__people=warned("GitLab has no account iduarte: renamed", "write their present username"))
def a_renamed_person(patient: Patient) -> None:
    patient.gitlab.rename_user("iduarte", "ines")


@broken(9, GitLab__people=warned("iduarte is called ines in GitLab now", "correct config/team.yml"))
def a_renamed_person_whom_an_earlier_run_has_met(patient: Patient) -> None:
    number = patient.gitlab.user("iduarte").id
    cursor = json.dumps({"known": MONDAY.isoformat(), "accounts": {"iduarte": f"gid://gitlab/User/{number}"}})
    store = patient.house.store
    store.start("gitlab.merge_requests", MONDAY - timedelta(days=90))
    store.commit(Page(stream="gitlab.merge_requests", facts=(), cursor=cursor, until=MONDAY))
    patient.gitlab.rename_user("iduarte", "ines")


# --- pipelines ------------------------------------------------------------------------------------

_HERE = "in Build, Pipeline schedules"


@broken(7, pipelines__weekly=wrong("there is no schedule, so no report is written", f"make one {_HERE}, on Monday morning"))
def no_weekly_schedule(patient: Patient) -> None:
    del patient.schedules[0]


@broken(9, pipelines__daily=warned("there is no schedule, so nothing too old is deleted", "SUPPORT_REPORTS_RUN = daily"))
def no_daily_schedule(patient: Patient) -> None:
    del patient.schedules[1]


@broken(9, pipelines__hourly=warned("'hourly' does not run: it is inactive, so comments", f"make it active {_HERE}"))
def an_inactive_schedule(patient: Patient) -> None:
    patient.schedules[2].active = False


@broken(7, pipelines__weekly=wrong("does not run: its owner dnovotny is blocked, so no report", "who stays take it over"))
def a_schedule_whose_owner_was_blocked(patient: Patient) -> None:
    patient.gitlab.user("dnovotny").state = "blocked"
    patient.schedules[0].active = False


@broken(7, pipelines__weekly=wrong("does not run: it was due on 2026-11-02 05:00 UTC", "save it anew, which plans its next run"))
def a_schedule_that_no_longer_comes_round(patient: Patient) -> None:
    patient.schedules[0].next_run_at = datetime(2026, 11, 2, 5, tzinfo=UTC)


@broken(9, pipelines__daily=warned("runs on try-out in place of main", "set its target branch to main"))
def a_schedule_on_another_branch(patient: Patient) -> None:
    patient.schedules[1].branch = "try-out"


@broken(
    9,
    pipelines__weekly=warned("'daily' starts the weekly run more than once a week (0 3 * * *)", "set its variable"),
    pipelines__daily=warned("there is no schedule", "SUPPORT_REPORTS_RUN = daily"),
)
def a_schedule_without_its_variable(patient: Patient) -> None:
    patient.schedules[1].variables.clear()


@broken(
    9,
    pipelines=warned("the schedule 'hourly' sets SUPPORT_REPORTS_RUN to 'horly', which starts nothing", "one of hourly, daily"),
    pipelines__hourly=warned("there is no schedule, so comments are not answered", "SUPPORT_REPORTS_RUN = hourly"),
)
def a_misspelt_variable(patient: Patient) -> None:
    patient.schedules[2].variables["SUPPORT_REPORTS_RUN"] = "horly"


# --- Zendesk --------------------------------------------------------------------------------------


@broken(
    4,
    Zendesk__server=wrong(f"Zendesk at {NOBODY_LISTENS} cannot be reached", "Check the address in config/sources.yml"),
    Zendesk__everything_else=unseen("Zendesk: server"),
)
def zendesk_is_down(patient: Patient) -> None:
    patient.edit("sources.yml", patient.demo.sandbox.zendesk_url, NOBODY_LISTENS)


@broken(
    4,
    Zendesk__server=wrong("is no Zendesk (404)", "correct the address in config/sources.yml"),
    Zendesk__everything_else=unseen("Zendesk: server"),
)
def the_address_is_no_zendesk(patient: Patient) -> None:
    patient.edit("sources.yml", patient.demo.sandbox.zendesk_url, patient.demo.sandbox.gitlab_url)


@broken(
    4,
    Zendesk__way_in=wrong("does not know the token (401 at", "Check ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET"),
    Zendesk__everything_else=unseen("Zendesk: way in"),
)
def a_refused_oauth_client(patient: Patient) -> None:
    patient.environment["ZENDESK_CLIENT_SECRET"] = "not-the-secret"


@broken(2, Zendesk=wrong("missing in the environment: ZENDESK_TOKEN or ZENDESK_CLIENT_SECRET", "masked CI/CD variables"))
def no_secret_for_zendesk(patient: Patient) -> None:
    del patient.environment["ZENDESK_CLIENT_SECRET"]


@broken(
    4,
    Zendesk__role=wrong("a user of the role agent, and only an admin may export", "make the OAuth client as an admin"),
    Zendesk__tickets=wrong("it is refused (403)", "as an admin"),
    Zendesk__ticket_events=wrong("it is refused (403)", "as an admin"),
    Zendesk__metric_events=wrong("it is refused (403)", "as an admin"),
)
def an_agent_in_place_of_an_admin(patient: Patient) -> None:
    patient.environment["ZENDESK_TOKEN"] = AGENT_TOKEN


@broken(4, Zendesk__metric_events=wrong("it is refused (403)", "make the OAuth client as an admin, with the scope read"))
def a_forbidden_export(patient: Patient) -> None:
    patient.demo.sandbox.zendesk.withheld["incremental/ticket_metric_events"] = 403


@broken(9, Zendesk__schedules=warned("there is none, so promises in business hours have no data", "Schedules"))
def no_schedules(patient: Patient) -> None:
    patient.demo.sandbox.zendesk.promises.schedules.clear()


@broken(4, Zendesk__schedules=wrong("there is none with the name Night shift", "zendesk.schedule in config/sources.yml"))
def a_schedule_that_nobody_has(patient: Patient) -> None:
    patient.edit("sources.yml", "schedule: Support hours", "schedule: Night shift")


@broken(9, Zendesk__agents=warned("no agent 4419999, whom team.yml names for iduarte", "correct the id in config/team.yml"))
def a_person_whom_zendesk_does_not_know(patient: Patient) -> None:
    number = patient.demo.house.settings.team.engineer("iduarte").zendesk_id
    patient.edit("team.yml", f"zendesk_id: {number}", "zendesk_id: 4419999")


# --- here -----------------------------------------------------------------------------------------


@broken(
    5,
    store__writing=wrong("the store cannot be written: Not a directory", "check the folder's rights and the free space"),
    store__reading=wrong("store.json cannot be read", "Delete the store's folder and gather again"),
)
def a_store_that_cannot_be_written(patient: Patient) -> None:
    patient.store.write_text("a file in place of a folder", encoding="utf-8")
    patient.store = patient.store / "store"


@broken(5, store__reading=wrong("is of format 99; this version reads up to format", "the newer version of the tool"))
def a_store_of_a_newer_format(patient: Patient) -> None:
    patient.rewrite_header('{"format": 99}')


@broken(9, store__reading=warned("written by an older version of the tool", "run `support-reports gather`"))
def a_store_of_an_older_format(patient: Patient) -> None:
    patient.rewrite_header('{"format": 1}')


@broken(5, store__reading=wrong("store.json cannot be read", "Delete the store's folder and gather again"))
def a_damaged_store(patient: Patient) -> None:
    patient.rewrite_header('{"for')


@broken(9, store__age=warned("nothing was gathered for 8 days", "Pipeline schedules"))
def a_store_older_than_a_week(patient: Patient) -> None:
    patient.gather(MONDAY - timedelta(days=8))


@broken(9, store__issues=warned("the last gather stopped short: GitLab was ill", "then run `support-reports gather`"))
def a_stream_that_stopped_short(patient: Patient) -> None:
    patient.gather(MONDAY, "GitLab was ill")


@broken(2, calendars_and_schedules=wrong("missing in the environment: CALENDAR_ADDRESSES", "masked CI/CD variables"))
def no_addresses_of_calendars(patient: Patient) -> None:
    patient.edit("sources.yml", "zendesk:", "leave_calendars: {addresses_from: CALENDAR_ADDRESSES}\nzendesk:")


@broken(
    3,
    config=wrong("did you mean 'plindqvist'?", "mend the lines that `support-reports check` lists"),
    GitLab=unseen("config"),
    Zendesk=unseen("config"),
    calendars_and_schedules=unseen("config"),
)
def a_mistake_in_the_config(patient: Patient) -> None:
    patient.edit("team.yml", "reports_to: plindqvist", "reports_to: plindquist")


# --- the tests ------------------------------------------------------------------------------------


def found_in(patient: Patient) -> tuple[Finding, ...]:
    return examine(patient.house, console.silent)


def test_doctor__has_nothing_to_say_to_the_healthy_organisation(patient: Patient) -> None:
    patient.gather(MONDAY)
    patient.demo.sandbox.reset_log()

    findings = found_in(patient)

    assert [one for one in findings if one.verdict is not Verdict.OK] == []
    assert exit_code(findings) == 0
    assert patient.demo.sandbox.requests.writes() == 0


@pytest.mark.parametrize("name", CASES)
def test_doctor__names_what_is_broken_and_the_next_step_and_all_else_stays_well(name: str, patient: Patient) -> None:
    case = CASES[name]
    case.breaks(patient)

    findings = found_in(patient)

    ill = {one.subject: one for one in findings if one.verdict is not Verdict.OK}
    assert set(ill) == set(case.found)
    assert [one for one in ill.values() if not case.found[one.subject].fits(one)] == []
    assert exit_code(findings) == case.code
    text = doctor_text.as_text(findings) + doctor_text.as_json(findings)
    public = ("ZENDESK_CLIENT_ID", "CI_PROJECT_PATH")
    secrets = [secret for name, secret in patient.environment.items() if name not in public]
    assert [secret for secret in secrets if secret in text] == []


def test_cases__are_at_least_25() -> None:
    assert len(CASES) >= 25


def test_doctor__when_everything_is_down_has_a_line_for_each_and_comes_to_an_end(patient: Patient) -> None:
    patient.edit("sources.yml", patient.demo.sandbox.gitlab_url, NOBODY_LISTENS)
    patient.edit("sources.yml", patient.demo.sandbox.zendesk_url, NOBODY_LISTENS)
    patient.rewrite_header('{"format": 99}')
    patient.environment.clear()

    findings = found_in(patient)

    assert [one.subject for one in findings if one.verdict is Verdict.WRONG] == [
        "store: reading",
        "GitLab: server",
        "Zendesk: server",
    ]
    assert exit_code(findings) == 4


PATHS = (
    *("/version$", "access_tokens/self", "graphql", "/labels", r"pipeline_schedules\?", r"pipeline_schedules/\d"),
    *("users/me", "oauth", "ticket_events", "statuses", "/users.json"),
)
#: What a proxy, a login page or a later version may answer.
BODIES = ("<html>Sign in</html>", "[1]", "null", '{"data":{}}', '{"users":[{}]}')


@pytest.mark.parametrize("path", PATHS)
def test_doctor__whatever_a_server_answers_comes_to_an_end_and_does_not_call_it_well(path: str, patient: Patient) -> None:
    faults = patient.demo.sandbox.faults
    for body in BODIES:
        faults.clear()
        faults.add(failing(path, 200, body, count=None))

        findings = found_in(patient)

        is_only_asked_whether_it_answers = path == "ticket_events" and body.startswith("{")
        assert is_only_asked_whether_it_answers or exit_code(findings) != 0, body
        assert "Sign in" not in doctor_text.as_text(findings)


def test_doctor__a_plan_without_statuses_policies_and_ratings_is_well(patient: Patient) -> None:
    patient.demo.sandbox.zendesk.withheld |= {"custom_statuses": 404, "slas/policies": 403, "satisfaction_ratings": 404}

    findings = {one.subject: one for one in found_in(patient)}

    assert {one.verdict for one in findings.values()} == {Verdict.OK}
    assert "none in this plan" in findings["Zendesk: custom statuses"].says
    assert "not offered by this plan or to this role (403)" in findings["Zendesk: SLA policies"].says


def test_doctor__takes_schedules_by_their_times_where_it_may_not_see_their_variables(patient: Patient) -> None:
    patient.gitlab.add_member(PIPELINES, WRITER, PLANNER)

    findings = {one.subject: one for one in found_in(patient)}

    assert findings["pipelines: weekly"].says == (
        "next on 2026-11-23 05:00 UTC, owned by dnovotny; taken for it by its times, since we may not see its SUPPORT_REPORTS_RUN"
    )
    assert {findings[f"pipelines: {run}"].verdict for run in ("weekly", "daily", "hourly")} == {Verdict.OK}


def test_doctor__asks_with_the_other_token_where_the_first_sees_no_schedules(patient: Patient) -> None:
    patient.gitlab.projects[PIPELINES].members.pop(patient.gitlab.user(WRITER).id)

    assert {one.verdict for one in found_in(patient)} == {Verdict.OK}


@pytest.mark.parametrize("level", [PLANNER, None], ids=["pipelines that are not for Planners", "no member"])
def test_doctor__says_so_where_no_token_sees_the_schedules(level: int | None, patient: Patient) -> None:
    project = patient.gitlab.projects[PIPELINES]
    project.public_pipelines = False
    project.members.clear()
    for user in (WRITER, READER):
        if level is not None:
            patient.gitlab.add_member(PIPELINES, user, level)

    findings = [one for one in found_in(patient) if one.verdict is not Verdict.OK]

    assert [(one.subject, one.verdict) for one in findings] == [("pipelines", Verdict.UNSEEN)]
    assert f"the role Reporter in {PIPELINES}" in findings[0].step


def test_doctor__outside_of_a_pipeline_says_how_the_schedules_are_looked_at(patient: Patient) -> None:
    del patient.environment["CI_PROJECT_PATH"]

    findings = found_in(patient)

    assert [one.step for one in findings if one.verdict is Verdict.UNSEEN] == [
        "set CI_PROJECT_PATH to the project with the pipelines, as GitLab does in a job, and look again"
    ]
    assert exit_code(findings) == 0


def test_doctor__tells_how_far_it_is(patient: Patient) -> None:
    told: list[str] = []

    examine(patient.house, lambda progress: told.append(progress.detail))

    assert told == ["config", "store", "GitLab", "Zendesk", "calendars and schedules", "done"]


def test_doctor__as_a_command_prints_a_table_and_ends_with_the_worst(patient: Patient) -> None:
    patient.gitlab.add_member(OWN, "jbeck", REPORTER)
    where = ("--config", patient.demo.house.config, "--store", patient.store)

    done = call(*where, "doctor", environment=patient.environment)
    as_json = call(*where, "doctor", "--json", environment=patient.environment)

    assert (done.returncode, as_json.returncode, "Traceback" in done.stderr) == (8, 8, False)
    assert "doctor:   0%  config\n" in done.stderr
    assert f"wrong    report: engineer_weekly     {OWN}: jbeck (access level 20) could read it\n" in done.stdout
    assert "-> remove them from the project" in done.stdout
    found = json.loads(as_json.stdout)
    assert (found["worst"], found["exit_code"]) == ("wrong", 8)
    assert {"subject", "verdict", "says", "step"} == set(found["findings"][0])


def test_doctor__in_an_empty_folder_says_what_to_do_first(tmp_path: Path) -> None:
    done = call("doctor", folder=tmp_path)

    assert done.returncode == 3
    assert "wrong        config" in done.stdout
    assert "-> run `support-reports init`, which proposes a first one" in done.stdout
    assert list(tmp_path.iterdir()) == []
