from reports.core.desired import desired_issue, lasting_issue, region_subject, subjects
from reports.core.model import Privacy, ReportDefinition, ReportScope
from reports.core.publication import DesiredIssue
from reports.core.weeks import Week
from tests.builders import W46, engineer, manager, role, team

PEOPLE = team(
    engineer("zoe", reports_to="petra"),
    engineer("ana", reports_to="tom"),
    managers=(manager("tom", name="Tom"), manager("petra", name="Petra")),
)


def issues(scope: ReportScope, privacy: Privacy, project: str, title: str) -> list[DesiredIssue]:
    definition = ReportDefinition(
        name="report", scope=scope, project=project, title=title, privacy=privacy, labels=("a",), confidential=True
    )
    return [desired_issue(definition, subject, W46, "body") for subject in subjects(definition, PEOPLE, W46)]


def test_each_engineer__gets_an_issue_for_them_and_their_manager() -> None:
    made = issues("each_engineer", Privacy.P3, "acme/{username}", "{week}: {name}, {manager}")

    assert [(i.key, i.project, i.title) for i in made] == [
        ("report/ana/2026-W46", "acme/ana", "2026-W46: Ana, Tom"),
        ("report/zoe/2026-W46", "acme/zoe", "2026-W46: Zoe, Petra"),
    ]
    assert [(i.readers, i.assignees) for i in made] == [(("ana", "tom"), ("ana",)), (("petra", "zoe"), ("zoe",))]


def test_each_manager__gets_an_issue_that_all_managers_may_read() -> None:
    made = issues("each_manager", Privacy.P2, "acme/managers", "{manager} {week_start} to {week_end}")

    assert [(i.title, i.readers) for i in made] == [
        ("Petra 2026-11-09 to 2026-11-15", ("petra", "tom")),
        ("Tom 2026-11-09 to 2026-11-15", ("petra", "tom")),
    ]


def test_a_managers_p3_report__is_for_that_manager_alone() -> None:
    assert [i.readers for i in issues("each_manager", Privacy.P3, "acme/managers", "{manager}")] == [("petra",), ("tom",)]


def test_the_organisation__gets_one_issue_that_everyone_may_read() -> None:
    made = issues("organisation", Privacy.P1, "acme/meta", "Week ending {week_end}, {organisation}")

    assert [(i.key, i.title, i.readers, i.assignees) for i in made] == [
        ("report/all/2026-W46", "Week ending 2026-11-15, Acme Support", (), ())
    ]


def test_a_region__has_one_issue_for_good_that_all_managers_may_read() -> None:
    definition = ReportDefinition(
        name="region_queue",
        scope="each_region",
        project="acme/queues/{region}",
        title="Queue {region}",
        privacy=Privacy.P2,
        labels=("a",),
        confidential=True,
    )

    issue = lasting_issue(definition, region_subject(definition, "EMEA", PEOPLE), "body")

    assert (issue.key, issue.project, issue.title) == ("region_queue/EMEA", "acme/queues/EMEA", "Queue EMEA")
    assert (issue.readers, issue.assignees, issue.is_open) == (("petra", "tom"), (), True)


def test_each_engineer__the_manager_is_whoever_it_is_on_the_monday_after_the_week() -> None:
    definition = ReportDefinition(
        name="report",
        scope="each_engineer",
        project="acme/{manager_username}/{username}",
        title="{manager}",
        privacy=Privacy.P3,
        labels=(),
        confidential=True,
    )
    moved = engineer("ana", reports_to="tom", changes=(role("2026-11-16", reports_to="petra"),))
    people = team(moved, managers=PEOPLE.managers)

    def issue(week: Week) -> tuple[str, str, tuple[str, ...]]:
        (subject,) = subjects(definition, people, week)
        made = desired_issue(definition, subject, week, "body")
        return made.project, made.title, made.readers

    assert issue(W46.plus(-1)) == ("acme/tom/ana", "Tom", ("ana", "tom"))
    assert issue(W46) == ("acme/petra/ana", "Petra", ("ana", "petra"))
