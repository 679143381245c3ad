import json

from reports.settings.problems import Place, as_codequality, as_json, as_text, error, errors_of, in_order, place_of, warning

TYPO = error("config/goals.yml", Place(12, 7), "unknown-measure", "unknown measure 'docs_update'", "did you mean 'docs_updates'?")
DRAFT = warning("config/goals.yml", Place(9, 1), "draft-agreement", "the goals stay a draft")
TEAM = error("config/team.yml", Place(1, 1), "missing-file", "the file is missing")


def test_as_text__one_line_each_with_its_hint() -> None:
    assert as_text([DRAFT, TYPO]) == (
        "config/goals.yml:9:1: warning: the goals stay a draft\n"
        "config/goals.yml:12:7: error: unknown measure 'docs_update'; did you mean 'docs_updates'?"
    )
    assert as_text([]) == ""


def test_as_json__every_field() -> None:
    assert json.loads(as_json([TYPO])) == [
        {
            "file": "config/goals.yml",
            "line": 12,
            "column": 7,
            "severity": "error",
            "code": "unknown-measure",
            "message": "unknown measure 'docs_update'",
            "hint": "did you mean 'docs_updates'?",
        }
    ]


def test_as_codequality__what_gitlab_reads() -> None:
    rows = json.loads(as_codequality([TYPO, DRAFT]))
    assert [row["severity"] for row in rows] == ["major", "minor"]
    assert rows[0]["description"] == "unknown measure 'docs_update'; did you mean 'docs_updates'?"
    assert rows[0]["check_name"] == "unknown-measure"
    assert rows[0]["location"] == {"path": "config/goals.yml", "lines": {"begin": 12}}


def test_as_codequality__fingerprints_survive_moved_lines_and_are_unique() -> None:
    moved = error("config/goals.yml", Place(40, 3), "unknown-measure", "unknown measure 'docs_update'")
    before = [row["fingerprint"] for row in json.loads(as_codequality([TYPO, DRAFT]))]
    after = [row["fingerprint"] for row in json.loads(as_codequality([DRAFT, moved, moved]))]
    assert before[0] in after
    assert len(set(after)) == 3


def test_in_order__by_file_and_place_each_once() -> None:
    assert in_order([TEAM, TYPO, DRAFT, TYPO]) == (DRAFT, TYPO, TEAM)


def test_errors_of__leaves_warnings_out() -> None:
    assert errors_of([DRAFT, TYPO, TEAM]) == (TYPO, TEAM)


def test_place_of__counts_from_one() -> None:
    assert place_of("") == Place(1, 1)
    assert place_of("ab") == Place(1, 3)
    assert place_of("ab\ncd\n") == Place(3, 1)
