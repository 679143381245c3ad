import pytest

from reports.core.context import Context
from reports.core.erasure import ERASED, issues_about, projects_of, redacted
from reports.core.model import Privacy, ReportDefinition, ReportScope
from reports.core.publication import block_of, description_of
from tests.builders import W46, away, corrected, desired, existing, on_call

BOT = "support-reports-bot"
MARKER = "<!-- support-reports key=follow_up/iduarte/2026-W46 x -->"


def definition(name: str, scope: ReportScope, project: str) -> ReportDefinition:
    return ReportDefinition(name=name, scope=scope, project=project, title="", privacy=Privacy.P3, labels=(), confidential=True)


REPORTS = (
    definition("engineer_weekly", "each_engineer", "acme/1-1s/{username}"),
    definition("team_weekly", "each_manager", "acme/managers"),
    definition("follow_up", "each_follow_up", "acme/follow-ups/{manager_username}"),
    definition("region_queue", "each_region", "acme/{region}"),
)


def test_projects__of_somebody_are_theirs_and_those_of_every_manager_they_had() -> None:
    assert projects_of(REPORTS, "iduarte", ("ohart", "plindqvist")) == {
        "acme/1-1s/iduarte": True,
        "acme/managers": False,
        "acme/follow-ups/ohart": False,
        "acme/follow-ups/plindqvist": False,
    }


def test_context_without__keeps_what_is_of_others() -> None:
    context = Context(
        unavailable=(away("2026-11-09"), away("2026-11-09", who="jbeck")),
        on_call=(on_call("2026-11-09"),),
        corrections=(corrected(W46, 3),),
    )

    assert context.without("iduarte") == Context(unavailable=(away("2026-11-09", who="jbeck"),))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("| [Ines Duarte](x) | 4 of 5 |", f"| [{ERASED}](x) | 4 of 5 |"),
        ("see acme/1-1s/iduarte#3 and @IDUARTE", f"see acme/1-1s/{ERASED}#3 and @{ERASED}"),
        ("iduarte-admin, riduarte, Inesita Duarte", "iduarte-admin, riduarte, Inesita Duarte"),
        (f"{MARKER}iduarte", f"{MARKER}{ERASED}"),
    ],
)
def test_redacted__takes_names_out_of_words_and_leaves_markers(text: str, left: str) -> None:
    assert redacted(text, ("iduarte", "Ines Duarte")) == left


def test_issues_about__go_and_those_that_name_somebody_lose_the_name() -> None:
    own = existing(description_of(desired()), iid=1)
    case = existing(description_of(desired("follow_up/IDuarte/2026-W44")), iid=2)
    others = existing(description_of(desired("engineer_weekly/jbeck/2026-W46")), iid=3)
    team = existing(description_of(desired("team_weekly/plindqvist/2026-W46", body="- Ines Duarte\n- Jonas Beck")), iid=4)
    forged = existing(description_of(desired()), iid=5, author="iduarte")

    found = issues_about([own, case, others, team, forged], BOT, REPORTS, "iduarte", ("iduarte", "Ines Duarte"))

    assert [issue.iid for issue in found.theirs] == [1, 2]
    ((issue, text),) = found.naming
    block = block_of(text)
    assert block is not None
    assert (issue.iid, block.key, block.text) == (4, "team_weekly/plindqvist/2026-W46", f"- {ERASED}\n- Jonas Beck")
