"""Whatever bytes stand in the files, the check answers with problems and never with a traceback."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reports.errors import ConfigError
from reports.settings.documents import document_of
from reports.settings.loader import check, load
from reports.settings.problems import Problem, as_codequality, as_json, as_text, errors_of
from reports.settings.schema import FILES
from tests.unit.settings.config_folders import EXAMPLE, MEASURES, config_folder

NAMES = sorted(FILES)
WORDS = r"""
- : { } [ ] ' " # | > % @ ` ? ! & * \ &a *a !!x <<: --- ... null ~ true -1 1e999 .nan "\ud800" "\e" 2026-02-30 2026-W99 0000-00-00
{username} {{}} {0} http://[ https://h:99999 from to who people: goals: when: reports: token: &a[*a] é 🙂
"""
BYTES = (
    b"",
    b" ",
    b"\n",
    b"\t",
    b"\r",
    b": ",
    b"\x00",
    b"\x1b",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
)
PIECES = st.sampled_from([*BYTES, *(word.encode() for word in WORDS.split()), b"9" * 5000, b"[" * 300])
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(PIECES, st.binary(max_size=6))), min_size=1, max_size=5)


def edited(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, removed, added in edits:
        at = int(where * len(content))
        content = content[:at] + added + content[at + removed :]
    return content


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return config_folder(tmp_path_factory.mktemp("fuzz"))


@given(name=st.sampled_from(NAMES), edits=EDITS)
@example(name="reports.yml", edits=[(0.4609375, 0, b"\t")])  # a tab inside a placeholder
@example(name="team.yml", edits=[(0.068359375, 1, b"\xe2\x80\xa8")])  # a line separator inside a focus that hints list
@settings(max_examples=150, deadline=None)
def test_check__random_edits_of_the_example(folder: Path, name: str, edits: list[tuple[float, int, bytes]]) -> None:
    original = (EXAMPLE / name).read_bytes()
    (folder / name).write_bytes(edited(original, edits))
    try:
        problems = check(folder, MEASURES)
        assert all(is_well_formed(problem) for problem in problems)
        assert list(problems) == sorted(set(problems))
        for text in (as_text(problems), as_json(problems), as_codequality(problems)):
            text.encode()
        if errors_of(problems):
            with pytest.raises(ConfigError):
                load(folder, MEASURES)
        else:
            load(folder, MEASURES)
    finally:
        (folder / name).write_bytes(original)


@given(st.sampled_from(NAMES), st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_document__random_bytes(name: str, content: bytes) -> None:
    document = document_of(name, content, FILES[name])
    assert document.content is not None or document.problems


def is_well_formed(problem: Problem) -> bool:
    one_line = "\n" not in str(problem) and str(problem).isprintable()
    return one_line and problem.line >= 1 and problem.column >= 1 and bool(problem.message and problem.code)
