"""The example organisation as values, and how a folder is read."""

import time
from datetime import date
from pathlib import Path

import pytest

from reports.core.context import OnCall, Reduced, Unavailable, WorkingDays
from reports.core.model import DefaultGoals, GoalAgreement, GoalTerms, Period, Privacy, ReportDefinition, RuleSet
from reports.core.people import Engineer, Focus, Manager
from reports.core.weeks import DayRange, Week
from reports.errors import ConfigError
from reports.sandbox.example import EXAMPLE_WEEK
from reports.settings.loader import Settings, check, load
from tests.unit.settings.config_folders import CASES, EXAMPLE, MEASURES, config_folder


@pytest.fixture(scope="module")
def example() -> Settings:
    return load(EXAMPLE, MEASURES)


def agreements_of(settings: Settings, who: str) -> list[GoalAgreement]:
    return [agreement for agreement in settings.goals.agreements if agreement.who == who]


def clouded_days(settings: Settings) -> list[tuple[str, DayRange]]:
    context = settings.context
    away = [(row.who, row.days) for row in context.unavailable]
    return away + [(row.who, row.days) for row in context.on_call] + [(row.who, row.days) for row in context.reduced]


# --- the example ----------------------------------------------------------------------------------


def test_example__twenty_four_engineers_of_four_managers(example: Settings) -> None:
    team = example.team
    assert (team.name, team.time_zone) == ("Acme Support", "UTC")
    assert len(team.engineers) == 24
    assert [manager.username for manager in team.managers] == ["hmori", "ohart", "plindqvist", "talvarez"]
    assert {
        manager.username: len(team.reports_of(manager.username, EXAMPLE_WEEK.report_day)) for manager in team.managers
    } == dict.fromkeys(("hmori", "ohart", "plindqvist", "talvarez"), 6)
    assert {engineer.level for engineer in team.engineers} == {"associate", "intermediate", "senior"}
    assert {engineer.region for engineer in team.engineers} == {"AMER", "APAC", "EMEA"}


def test_example__one_engineer_in_full(example: Settings) -> None:
    assert example.team.engineer("iduarte") == Engineer(
        username="iduarte",
        name="Ines Duarte",
        email="iduarte@example.com",
        zendesk_id=4410007,
        level="intermediate",
        region="EMEA",
        focuses=(Focus(name="self_managed", percentage=100),),
        reports_to="plindqvist",
        start_date=date(2024, 2, 5),
        time_zone="Europe/Lisbon",
    )
    assert example.team.manager("hmori") == Manager(
        username="hmori", name="Hana Mori", email="hmori@example.com", region="APAC", time_zone="Asia/Tokyo"
    )


def test_example__zendesk_ids_follow_the_usernames_and_one_is_missing(example: Settings) -> None:
    engineers = sorted(example.team.engineers, key=lambda engineer: engineer.username)
    assert [engineer.username for engineer in engineers if engineer.zendesk_id is None] == ["tbaker"]
    assert [engineer.zendesk_id for engineer in engineers if engineer.zendesk_id] == list(range(4410001, 4410024))


def test_example__defaults_by_level(example: Settings) -> None:
    assert [row.level for row in example.goals.defaults] == ["associate", "intermediate", "senior"]
    assert example.goals.defaults[1] == DefaultGoals(
        level="intermediate",
        focus=None,
        region=None,
        goals=(
            GoalTerms(measure="new_tickets", target=5, per=Period.WEEK),
            GoalTerms(measure="pairing_sessions", target=2, per=Period.WEEK),
            GoalTerms(measure="docs_updates", target=2, per=Period.ROLLING_30_DAYS),
            GoalTerms(measure="training_modules", target=1, per=Period.QUARTER),
        ),
    )


def test_example__agreements(example: Settings) -> None:
    assert {agreement.who for agreement in example.goals.agreements} == {engineer.username for engineer in example.team.engineers}
    assert agreements_of(example, "iduarte") == [
        GoalAgreement(
            who="iduarte",
            valid_from=date(2026, 6, 22),
            valid_to=None,
            agreed_by=("iduarte", "plindqvist"),
            goals=(GoalTerms(measure="new_tickets", target=5, per=Period.WEEK),),
        )
    ]
    assert [agreement.agreed_by for agreement in agreements_of(example, "pjanssen")] == [("pjanssen",)]


def test_example__an_agreement_ends_where_the_next_begins(example: Settings) -> None:
    spans = [(agreement.valid_from, agreement.valid_to) for agreement in agreements_of(example, "crao")]
    assert spans == [(date(2026, 3, 30), date(2026, 6, 28)), (date(2026, 6, 29), None)]


def test_example__stories_in_the_context(example: Settings) -> None:
    context = example.context
    leave = DayRange(date(2026, 8, 17), date(2026, 10, 11))
    assert Unavailable(who="ble", days=leave, fraction=1.0) in context.unavailable
    assert context.on_call[1] == OnCall(who="iduarte", days=DayRange(date(2026, 10, 26), date(2026, 11, 1)), rotation="ceoc")
    escalation = DayRange(date(2026, 11, 9), date(2026, 11, 11))
    assert context.reduced == (Reduced(who="jbeck", days=escalation, factor=0, label="account escalation"),)
    assert context.working_days == (WorkingDays(who="mneri", valid_from=date(2021, 6, 7), weekdays=frozenset({0, 1, 2, 3})),)


def test_example__context_reaches_no_further_than_its_last_week(example: Settings) -> None:
    assert max(days.last for _, days in clouded_days(example)) == Week(2026, 46).last_day


def test_example__nothing_clouds_the_weeks_of_missed_goals(example: Settings) -> None:
    last_four_weeks = DayRange(Week(2026, 43).first_day, Week(2026, 46).last_day)
    assert [days for who, days in clouded_days(example) if who == "kaziz" and days.last in last_four_weeks] == []


def test_example__rules_sources_and_reports(example: Settings) -> None:
    assert example.rule_sets == (RuleSet(name="handbook-2023", effective_from=date(2023, 1, 1)),)
    assert example.sources.gitlab.url == "https://gitlab.example.com"
    assert example.sources.gitlab.pairing_projects == ("acme/support/support-pairing",)
    assert example.sources.zendesk.url == "https://acme.zendesk.example.com"
    queues = example.sources.gitlab.queues
    assert queues is not None
    assert [(region.name, region.country) for region in queues.regions] == [("AMER", "US"), ("APAC", "JP"), ("EMEA", "DE")]
    names = ["engineer_weekly", "team_weekly", "service_weekly", "follow_up", "region_queue", "contributions"]
    assert [report.name for report in example.reports] == names
    assert example.reports[0] == ReportDefinition(
        name="engineer_weekly",
        scope="each_engineer",
        project="acme/support/1-1s/{username}",
        title="Weekly report {week}: {name}",
        privacy=Privacy.P3,
        labels=("support-reports", "weekly-report"),
        confidential=True,
    )


def test_load__personal_reports_leave_no_traces_unless_they_say_so(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    before = {report.name: report.links_leave_traces for report in load(folder, MEASURES).reports}
    text = (folder / "reports.yml").read_text(encoding="utf-8")
    text = text.replace("privacy: P3\n", "privacy: P3\n    links_leave_traces: true\n")
    text = text.replace("privacy: P1\n", "privacy: P1\n    links_leave_traces: false\n")
    (folder / "reports.yml").write_text(text, encoding="utf-8")
    after = {report.name: report.links_leave_traces for report in load(folder, MEASURES).reports}

    assert [name for name, leaves in before.items() if not leaves] == ["engineer_weekly", "follow_up"]
    assert [name for name, leaves in after.items() if not leaves] == ["follow_up", "contributions"]


# --- reading a folder ------------------------------------------------------------------------------


def test_load__rule_sets_are_sorted_by_their_first_day(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    (folder / "rules.yml").write_text("rule_sets: [{name: b, effective_from: 2026-01-01}, {name: a, effective_from: 2025-W01}]\n")
    rule_sets = load(folder, MEASURES).rule_sets
    assert [(rules.name, rules.effective_from) for rules in rule_sets] == [("a", date(2024, 12, 30)), ("b", date(2026, 1, 1))]


def test_load__a_week_in_place_of_days(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    (folder / "context.yml").write_text("unavailable: [{who: ble, from: 2026-W34, to: 2026-W41, fraction: 0.5}]\n")
    (row,) = load(folder, MEASURES).context.unavailable
    assert row == Unavailable(who="ble", days=DayRange(date(2026, 8, 17), date(2026, 10, 11)), fraction=0.5)


def test_load__an_address_loses_its_last_slash(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    sources = (folder / "sources.yml").read_text()
    (folder / "sources.yml").write_text(sources.replace("https://gitlab.example.com", "http://127.0.0.1:8080/gitlab/"))
    assert load(folder, MEASURES).sources.gitlab.url == "http://127.0.0.1:8080/gitlab"


def test_load__only_measures_of_the_catalogue(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    with pytest.raises(ConfigError, match="unknown measure 'new_tickets'"):
        load(folder, [measure for measure in MEASURES if measure.name != "new_tickets"])


def test_load__hint_says_where_keys_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "nowhere", MEASURES)
    assert "config/README.md" in caught.value.hint
    assert caught.value.message.count("the file is missing") == 6


def test_check__names_files_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = config_folder(tmp_path)
    (folder / "rules.yml").unlink()
    monkeypatch.chdir(tmp_path)
    assert {problem.file for problem in check(folder, MEASURES)} == {"config/goals.yml", "config/rules.yml", "config/team.yml"}
    monkeypatch.chdir(folder)
    assert {problem.file for problem in check(folder, MEASURES)} == {"goals.yml", "rules.yml", "team.yml"}


def test_check__a_file_that_cannot_be_read(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    (folder / "rules.yml").unlink()
    (folder / "rules.yml").mkdir()
    assert [problem.code for problem in check(folder, MEASURES) if problem.severity == "error"] == ["unreadable-file"]


def test_check__an_unreadable_team_questions_nobody_else(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    (folder / "team.yml").write_text("people: [\n")
    assert [(problem.file.rpartition("/")[2], problem.code) for problem in check(folder, MEASURES)] == [
        ("team.yml", "yaml-syntax")
    ]


def test_check__a_mistake_in_a_person_does_not_make_them_unknown(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    text = (folder / "team.yml").read_text()
    (folder / "team.yml").write_text(text.replace("email: kaziz@example.com", "email: kaziz"))
    errors = [problem for problem in check(folder, MEASURES) if problem.severity == "error"]
    assert [problem.code for problem in errors] == ["bad-email"]


def test_check__only_a_manager_the_person_has_or_had_can_agree(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    goals, team = folder / "goals.yml", folder / "team.yml"
    goals.write_text(goals.read_text().replace("agreed_by: [pjanssen]", "agreed_by: [pjanssen, talvarez]"))
    draft, missing = check(folder, MEASURES)
    assert (draft.code, missing.code) == ("draft-agreement", "no-zendesk-id")
    assert "ohart has not agreed; drafts are shown" in str(draft)
    assert draft.hint.endswith("if talvarez was their manager then, `changes` in team.yml has to say so")

    before, name, after = team.read_text().partition("username: pjanssen")
    dated = "reports_to: talvarez\n    changes: [{from: 2026-W40, reports_to: ohart}]"
    team.write_text(before + name + after.replace("reports_to: ohart", dated, 1))
    assert [problem.code for problem in check(folder, MEASURES)] == ["no-zendesk-id"]


def test_load__the_example_is_quick() -> None:
    def seconds() -> float:
        started = time.perf_counter()
        load(EXAMPLE, MEASURES)
        return time.perf_counter() - started

    assert min(seconds() for _ in range(5)) < 0.15


# --- roles with days ------------------------------------------------------------------------------


def test_load__each_change_is_the_whole_role_from_its_day_on(tmp_path: Path) -> None:
    ines = load(config_folder(tmp_path, CASES / "good" / "changes_of_roles"), MEASURES).team.engineer("iduarte")
    before, moved, mixed, back = (ines.as_of(date(2026, month, day)) for month, day in ((3, 1), (3, 2), (9, 28), (11, 9)))

    assert (before.level, before.region, before.time_zone, before.country) == ("intermediate", "EMEA", "Europe/Lisbon", None)
    assert (moved.level, moved.region, moved.time_zone, moved.country, moved.subdivision) == (
        "senior",
        "AMER",
        "America/New_York",
        "US",
        "NY",
    )
    assert (mixed.level, mixed.reports_to, mixed.main_focus, mixed.subdivision) == ("senior", "ohart", "saas", "NY")
    assert (back.reports_to, back.country, back.subdivision) == ("ohart", "PT", None)


def test_load__several_accounts_of_one_person(tmp_path: Path) -> None:
    team = load(config_folder(tmp_path, CASES / "good" / "several_accounts"), MEASURES).team

    ines, jonas = team.engineer("iduarte"), team.engineer("jbeck")
    assert (ines.usernames, ines.other_zendesk_ids) == (("iduarte", "iduarte-admin", "ines.duarte"), (4410101,))
    assert (jonas.usernames, jonas.other_zendesk_ids) == (("jbeck",), ())
