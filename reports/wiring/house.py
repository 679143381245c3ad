"""Settings and environment into real adapters: the only module that names them, and the only one that reads secrets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reports.adapters.clocks import SystemClock
from reports.adapters.secrets import HiddenEnvironment, Secret
from reports.core.activity_links import Places
from reports.core.cases import FOLLOW_UP, Talks
from reports.core.context import Context
from reports.core.conversation import Reader, Thread, is_of_a_week
from reports.core.gates import Gates, open_today
from reports.core.people import Team, names_of
from reports.core.report_views import Desk
from reports.core.results import Plan, WeekResults
from reports.core.shards import WHOLE, Shard
from reports.core.traces import IsTheirs, Known, accounts_of
from reports.core.weeks import DayRange, Week
from reports.errors import PublishError, ReportsError, SourceError, UsageError
from reports.ports import ActivitySource, Clock

if TYPE_CHECKING:
    from reports.adapters.action_logs import ActionLogs
    from reports.adapters.gitlab_activity import GitlabActivity
    from reports.adapters.gitlab_client import GitlabClient
    from reports.adapters.gitlab_conversations import GitlabConversations
    from reports.adapters.gitlab_erasure import GitlabErasure
    from reports.adapters.gitlab_issues import GitlabIssues
    from reports.adapters.http_session import PacedSession
    from reports.adapters.kept_counts import CountFiles
    from reports.adapters.parquet_store import ParquetStore
    from reports.adapters.run_files import RunFiles
    from reports.adapters.tombstones import Tombstones
    from reports.adapters.zendesk_access import ZendeskAccess
    from reports.measures.engine import DuckdbMeasures
    from reports.render.renderer import Renderer
    from reports.settings.loader import Settings
    from reports.settings.queue_values import QueueSettings
    from reports.settings.values import PagerdutySource

# Adapters are imported where they are made: gitlab, zenpy and duckdb together take longer to load than `check` takes to run.
# ruff: noqa: PLC0415

#: Of each group of variables one has to be set.
_READ_GITLAB = ("GITLAB_READ_TOKEN", "GITLAB_TOKEN")
_READ_ZENDESK = (("ZENDESK_TOKEN", "ZENDESK_CLIENT_ID"), ("ZENDESK_TOKEN", "ZENDESK_CLIENT_SECRET"))
READ_PAGERDUTY = ("PAGERDUTY_TOKEN",)
#: The file among the runs that says by what everybody is known.
PEOPLE = "people"

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything one command may need, made when it is first asked for.

    `environment` is os.environ or a test's own; `new_session` makes a session that waits in a way of its own.
    """

    config: Path
    store_folder: Path
    environment: Mapping[str, str] = field(repr=False)
    clock: Clock = field(default_factory=SystemClock)
    templates: Path = TEMPLATES
    new_session: "Callable[[], PacedSession] | None" = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "environment", HiddenEnvironment(self.environment))

    @cached_property
    def settings(self) -> "Settings":
        """The checked settings; ConfigError lists every problem."""
        from reports.measures.registry import catalogue
        from reports.settings.loader import load

        return load(self.config, catalogue())

    @property
    def names(self) -> frozenset[str]:
        """The names of everybody in the team, as far as the settings were read yet."""
        return names_of(self.settings.team) if "settings" in vars(self) else frozenset()

    @cached_property
    def plan(self) -> Plan:
        """What people wrote down, as the core reads it, with public holidays among the days off."""
        from reports.adapters.public_holidays import public_holidays

        settings = self.settings
        holidays = Context(holidays=public_holidays(settings.team.engineers, self.years_around))
        context = settings.context.and_also(holidays)
        return Plan(team=settings.team, goals=settings.goals, context=context, rule_sets=settings.rule_sets, gates=settings.gates)

    @property
    def known_people(self) -> Mapping[str, Known]:
        """Everybody for whom anything was ever gathered into the store, by username."""
        return self.heard.find(PEOPLE, dict[str, Known]) or {}

    @property
    def gates(self) -> Gates:
        """The gates of the settings, and that nothing is known of the time before one of them opened."""
        return self.settings.gates.and_since({who: known.since for who, known in self.known_people.items() if known.since})

    @property
    def open_today(self) -> Team:
        """The team of those about whom something may be gathered and heard today: nobody behind a gate that is shut."""
        return open_today(self.settings.team, self.settings.gates, self.today)

    @property
    def years_around(self) -> DayRange:
        """The years whose public holidays matter."""
        year = self.clock.now().year
        return DayRange(date(year - 2, 1, 1), date(year + 1, 12, 31))

    @cached_property
    def session(self) -> "PacedSession":
        """The one HTTP session of this run: it counts, waits and retries reads."""
        from reports.adapters.http_session import PacedSession

        return self.new_session() if self.new_session else PacedSession()

    @cached_property
    def store(self) -> "ParquetStore":
        """The facts."""
        return self.store_at(self.store_folder)

    def store_at(self, folder: Path) -> "ParquetStore":
        """Facts in some folder, of nobody who is kept out of the store."""
        from reports.adapters.parquet_store import ParquetStore

        return ParquetStore(folder, self._keeps_out)

    def _keeps_out(self, account: str) -> bool:
        """Whether nothing may be stored of an account; the settings are read only when something is stored."""
        return self._is_kept_out(account)

    @cached_property
    def _is_kept_out(self) -> IsTheirs:
        """Of whom nothing may be stored: who is behind a shut gate, and who was forgotten and has not come back."""
        present = frozenset[str]().union(*map(accounts_of, self.open_today.engineers))
        shut = frozenset[str]().union(*map(accounts_of, self.settings.team.engineers)) - present
        return lambda account: account in shut or (account not in present and self.tombstones.holds(account))

    @cached_property
    def tombstones(self) -> "Tombstones":
        """Who was forgotten."""
        from reports.adapters.tombstones import Tombstones

        return Tombstones(self.store_folder)

    @property
    def logs(self) -> "ActionLogs":
        """What was done about each person."""
        from reports.adapters.action_logs import ActionLogs

        return ActionLogs(self.store_folder / "runs" / "log")

    @cached_property
    def engine(self) -> "DuckdbMeasures":
        """The measures over the facts."""
        from reports.measures.engine import DuckdbMeasures, MeasureSettings

        zendesk = self.settings.sources.zendesk
        settings = MeasureSettings(escalation_tags=tuple(sorted(zendesk.escalation_tags)), bots=tuple(sorted(zendesk.bots)))
        return DuckdbMeasures(self.store_folder, settings=settings)

    @cached_property
    def renderer(self) -> "Renderer":
        """Templates and charts."""
        from reports.render.renderer import Renderer

        tracing = [definition.name for definition in self.settings.reports if definition.links_leave_traces]
        return Renderer(self.templates, self.link_hosts, tracing)

    @property
    def link_hosts(self) -> frozenset[str]:
        """The hosts that a report may link to."""
        sources = self.settings.sources
        own = {urlsplit(sources.gitlab.url).netloc, urlsplit(sources.zendesk.url).netloc}
        return frozenset(own | set(sources.gitlab.link_hosts))

    def files(self, week: Week) -> "RunFiles":
        """The stage files of one week."""
        from reports.adapters.run_files import RunFiles

        return RunFiles(self.store_folder / "runs" / str(week))

    @property
    def heard(self) -> "RunFiles":
        """What was heard below the issues, whatever week it concerns."""
        from reports.adapters.run_files import RunFiles

        return RunFiles(self.store_folder / "runs")

    @property
    def counts(self) -> "CountFiles":
        """What was counted of the weeks whose facts are gone."""
        from reports.adapters.kept_counts import CountFiles

        return CountFiles(self.store_folder / "runs")

    @property
    def today(self) -> date:
        """The day in the zone that weeks are counted in."""
        return self.clock.now().astimezone(self.plan.zone).date()

    @property
    def mention(self) -> str:
        """How comments address the tool."""
        return f"@{self.settings.sources.gitlab.mention}"

    def reader(self) -> Callable[[Thread], Reader]:
        """Finds in a comment below an issue what addresses the tool."""
        from reports.core.command_parsing import requests_in

        measures = frozenset(measure.name for measure in self.engine.catalogue())
        weekly = {definition.name for definition in self.settings.reports if definition.scope == "each_engineer"}

        def reader(thread: Thread) -> Reader:
            own_week = thread.week if thread.report in weekly and is_of_a_week(thread.key) else None
            return lambda text: requests_in(text, self.mention, measures, own_week)

        return reader

    def desk(self, plan: Plan, results: WeekResults, said: Talks) -> Desk:
        """What views are made from."""
        gitlab, zendesk = self.settings.sources.gitlab, self.settings.sources.zendesk
        places = Places(
            gitlab_url=gitlab.url,
            zendesk_url=zendesk.url,
            product_group=gitlab.product_group,
            handbook_project=gitlab.handbook_projects[0],
            training_project=gitlab.training_projects[0],
            pairing_project=gitlab.pairing_projects[0],
        )
        return Desk(
            plan=plan,
            results=results,
            places=places,
            today=self.today,
            mention=self.mention,
            talks=said,
            logs={engineer.username: self.logs.of(engineer.username) for engineer in plan.team.engineers},
            follow_ups=next((d for d in self.settings.reports if d.scope == FOLLOW_UP), None),
        )

    def sources(self, shard: Shard = WHOLE) -> tuple[ActivitySource, ...]:
        """GitLab, Zendesk and, where it is named, PagerDuty as sources of facts; UsageError names every missing secret.

        Every shard reads GitLab about its part of the people. Zendesk is one shard's alone: its limits count for the account,
        whoever asks, and its exports can be asked for no part.
        """
        pager = self.settings.sources.pagerduty if shard.takes(1) else None
        tickets = _READ_ZENDESK if shard.takes(0) else ()
        self.require(_READ_GITLAB, *tickets, *((READ_PAGERDUTY,) if pager else ()))
        desk = (self._zendesk_exports(), self._zendesk_lists()) if tickets else ()
        pages = (self._pagerduty_pages(pager),) if pager else ()
        return (self.gitlab_activity(shard), *desk, *pages)

    @property
    def looks_outside(self) -> bool:
        """Whether the settings name calendars or schedules; asking needs no secret."""
        return bool(self.settings.sources.leave_calendars or self.settings.sources.pagerduty)

    def reading_client(self, url: str = "") -> "GitlabClient":
        """GitLab as in the settings or at an address, as whom the reading token makes us; UsageError when no token is there."""
        return self._gitlab(url or self.settings.sources.gitlab.url, _READ_GITLAB, SourceError)

    def _gitlab(self, url: str, names: tuple[str, ...], failure: type[ReportsError]) -> "GitlabClient":
        from reports.adapters.gitlab_client import GitlabClient
        from reports.adapters.http_session import checked_secret

        self.require(names)
        return GitlabClient(url, checked_secret(self.secret(*names), names[0]), self.session, failure)

    def gitlab_activity(self, shard: Shard = WHOLE) -> "GitlabActivity":
        """The GitLab source alone; UsageError when no token is there."""
        from reports.adapters.gitlab_activity import GitlabActivity, GitlabPlaces

        gitlab, queues = self.settings.sources.gitlab, self.queues
        places = GitlabPlaces(
            people={engineer.username: engineer.usernames for engineer in self.open_today.engineers},
            product_group=gitlab.product_group,
            handbook_projects=gitlab.handbook_projects,
            training_projects=gitlab.training_projects,
            pairing_projects=gitlab.pairing_projects,
            attention_request_projects=queues.attention_requests if queues else (),
            feedback_projects=queues.feedback if queues else (),
            excluded_accounts=gitlab.excluded_accounts,
            with_user_events=gitlab.user_events,
            shard=shard,
        )
        return GitlabActivity(self.reading_client(), places)

    def _pagerduty_pages(self, source: "PagerdutySource") -> ActivitySource:
        from reports.adapters.pagerduty_pages import PagerDutyPages

        responders = [engineer.pagerduty_id for engineer in self.settings.team.engineers if engineer.pagerduty_id]
        return PagerDutyPages(self.secret(*READ_PAGERDUTY), self.session, responders, source.url)

    @cached_property
    def _zendesk(self) -> "ZendeskAccess":
        """One way in for both sources, so that they share a token."""
        return self.zendesk_at(self.settings.sources.zendesk.url)

    def zendesk_at(self, url: str) -> "ZendeskAccess":
        """A way into the Zendesk at an address; whether there are credentials is for the caller to ask."""
        from reports.adapters.zendesk_access import AccessToken, OAuthClient, ZendeskAccess

        token = self.secret("ZENDESK_TOKEN")
        client = OAuthClient(client_id=self.secret("ZENDESK_CLIENT_ID"), client_secret=self.secret("ZENDESK_CLIENT_SECRET"))
        credentials = AccessToken(token=token) if token else client
        return ZendeskAccess(url, credentials, self.session, self.clock)

    def _zendesk_exports(self, *, with_metrics: bool = True) -> ActivitySource:
        from reports.adapters.zendesk_exports import KEPT_TAGS, ZendeskExports
        from reports.adapters.zendesk_rows import KeptFields

        zendesk = self.settings.sources.zendesk
        queue_tags = self.queues.ticket_tags if self.queues else frozenset[str]()
        tags = KEPT_TAGS | queue_tags | set(zendesk.escalation_tags)
        kept = KeptFields(tags=tags, next_update=zendesk.next_update_field)
        return ZendeskExports(self._zendesk, kept, with_metrics=with_metrics)

    def _zendesk_lists(self) -> ActivitySource:
        from reports.adapters.zendesk_lists import DeskSettings, ZendeskLists

        zendesk = self.settings.sources.zendesk
        return ZendeskLists(self._zendesk, DeskSettings(bots=frozenset(zendesk.bots), schedule=zendesk.schedule))

    @property
    def queues(self) -> "QueueSettings | None":
        """What is read for the queues of the regions; None for an organisation that names nothing."""
        return self.settings.sources.gitlab.queues

    def ticket_source(self) -> ActivitySource:
        """Whose tickets are, from Zendesk alone, for handovers; UsageError names every secret that is missing."""
        self.require(*_READ_ZENDESK)
        return self._zendesk_exports(with_metrics=False)

    @cached_property
    def tracker(self) -> "GitlabIssues":
        """The issue tracker, writing with its own token."""
        from reports.adapters.gitlab_issues import GitlabIssues

        return GitlabIssues(self._gitlab(self.settings.sources.gitlab.url, ("GITLAB_TOKEN",), PublishError), self.session)

    @property
    def erasure(self) -> "GitlabErasure":
        """What takes issues away, with the writing token."""
        from reports.adapters.gitlab_erasure import GitlabErasure

        return GitlabErasure(self.tracker.client)

    @cached_property
    def conversations(self) -> "GitlabConversations":
        """What is said below the issues, with the writing token: its owner can read all of its own issues."""
        from reports.adapters.gitlab_conversations import GitlabConversations

        return GitlabConversations(self.tracker.client, self.tracker.bot(), self.session)

    def require_to_read(self, *, with_gitlab: bool = True) -> None:
        """Refuse with a UsageError that names every secret that is missing to read GitLab and Zendesk."""
        self.require(*((_READ_GITLAB,) if with_gitlab else ()), *_READ_ZENDESK)

    def require_to_publish(self, *, with_tickets: bool) -> None:
        """Refuse, before anything is read, with a UsageError that names every secret that is missing to read and to write."""
        self.require(("GITLAB_TOKEN",), *(_READ_ZENDESK if with_tickets else ()))

    @property
    def may_write(self) -> bool:
        """Whether there is a token to write with."""
        return bool(self.secret("GITLAB_TOKEN"))

    def secret(self, *names: str) -> Secret:
        """The first of some variables that is set, else nothing."""
        return Secret(next((self.environment[name] for name in names if self.environment.get(name)), ""))

    def require(self, *groups: tuple[str, ...]) -> None:
        """Refuse with a UsageError that names what is missing when of some group of variables none is set."""
        missing = [" or ".join(names) for names in groups if not self.secret(*names)]
        if missing:
            raise UsageError(
                f"missing in the environment: {', '.join(missing)}",
                "set masked CI/CD variables, or export them in your shell; docs/operations.md says which rights each needs",
            )
