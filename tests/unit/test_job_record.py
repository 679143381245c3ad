"""What a job leaves beside its log, from what was printed and how it ended."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reports.commands.job_record import JUNIT, SUMMARY, junit, kept_in, summary

START, END = "\x1b[0Ksection_start:1:x[collapsed=true]\r\x1b[0K", "\x1b[0Ksection_end:2:x\r\x1b[0K\n"
FOLDED = f"{START}what goes on\ngather: 10% …\n{END}"
PARTIAL = "week 2026-W46\nmissing: zendesk.tickets: Zendesk does not let the token read this (403)\n"


def cases(report: bytes) -> dict[str, str]:
    """The cases of a report with the text of their failure, empty where they passed."""
    return {case.attrib["name"]: case.findtext("failure", "") for case in ElementTree.fromstring(report)}


def test_summary__says_how_it_ended_and_what_was_said() -> None:
    assert summary("weekly", "week 2026-W46\n", 0) == "# support-reports weekly: done\n\n    week 2026-W46\n"
    assert summary("weekly", PARTIAL, 9).startswith("# support-reports weekly: done, with some data missing\n")
    assert summary("weekly", "", 7).startswith("# support-reports weekly: failed with exit code 7\n")


def test_junit__what_is_missing_fails_and_the_run_that_went_on_does_not() -> None:
    assert cases(junit("weekly", PARTIAL, 9, 1.0)) == {
        "weekly": "",
        "zendesk.tickets": "zendesk.tickets: Zendesk does not let the token read this (403)",
    }


def test_junit__a_run_that_failed_says_why() -> None:
    report = junit("weekly", "week 2026-W46\nerror: GitLab is away\x07\n", 7, 1.0)

    assert cases(report) == {"weekly": "GitLab is away\n"}
    assert ElementTree.fromstring(report).attrib["failures"] == "1"


def test_kept_in__keeps_what_is_printed_but_for_what_folds_away(tmp_path: Path) -> None:
    def job() -> None:
        with kept_in(str(tmp_path / "build"), "weekly"):
            print("week 2026-W46")
            sys.stderr.write(FOLDED)
            print("error: no", file=sys.stderr)
            sys.exit(4)

    with pytest.raises(SystemExit):
        job()

    text = (tmp_path / "build" / SUMMARY).read_text(encoding="utf-8")
    assert text == "# support-reports weekly: failed with exit code 4\n\n    week 2026-W46\n    error: no\n"
    assert cases((tmp_path / "build" / JUNIT).read_bytes()) == {"weekly": "no\n"}


def test_kept_in__a_bug_is_kept_as_a_failure_and_goes_on(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), kept_in(str(tmp_path), "measure"):
        raise ZeroDivisionError

    assert "failed with exit code 1" in (tmp_path / SUMMARY).read_text(encoding="utf-8")


def test_kept_in__without_a_folder_changes_nothing() -> None:
    before = sys.stdout

    with kept_in("", "weekly"):
        assert sys.stdout is before
