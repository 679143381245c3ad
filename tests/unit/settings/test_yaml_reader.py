import pytest

from reports.settings.problems import Place
from reports.settings.yaml_nodes import Node, key_place_at, matching, node_at, place_at, plain, without
from reports.settings.yaml_reader import parse

TEXT = """\
people:
  - {username: iduarte, zendesk_id: 4410001}
  - username: ünal
    focuses: [saas]
"""


def tree(text: str) -> Node:
    parsed = parse("x.yml", text.encode())
    assert parsed.problems == ()
    assert parsed.tree is not None
    return parsed.tree


def only_code(content: bytes) -> str:
    (problem,) = parse("x.yml", content).problems
    return problem.code


def test_place_at__keys_and_values() -> None:
    root = tree(TEXT)
    assert place_at(root, ("people", 0, "zendesk_id")) == Place(2, 37)
    assert key_place_at(root, ("people", 0, "zendesk_id")) == Place(2, 25)
    assert place_at(root, ("people", 1)) == Place(3, 5)
    assert place_at(root, ("people", 1, "focuses", 0)) == Place(4, 15)


def test_place_at__nearest_when_the_path_leads_nowhere() -> None:
    root = tree(TEXT)
    assert place_at(root, ("people", 1, "level")) == Place(3, 5)
    assert place_at(root, ("nobody",)) == Place(1, 1)
    assert node_at(root, ("people", "username")) is None


def test_place_at__columns_count_characters() -> None:
    assert place_at(tree("{ö: ä, ü: 1}"), ("ü",)) == Place(1, 11)


def test_matching__star_fits_keys_and_positions() -> None:
    root = tree(TEXT)
    assert [path for path, _ in matching(root, "people", "*", "username")] == [
        ("people", 0, "username"),
        ("people", 1, "username"),
    ]
    assert [path for path, _ in matching(root, "*")] == [("people",)]
    assert list(matching(None, "people")) == []


def test_without__takes_rows_and_keys_out() -> None:
    rest = without(tree(TEXT), [("people", 0), ("people", 1, "focuses"), ("nothing", 3)])
    assert plain(rest) == {"people": [{"username": "ünal"}]}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0123", 123),
        ("0.5", 0.5),
        (".5", 0.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("on", "on"),
        ("2026-11-09", "2026-11-09"),
        ("1:30", "1:30"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("9" * 30, "9" * 30),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
    ],
)
def test_scalar__is_what_was_written(written: str, value: object) -> None:
    assert plain(tree(f"key: {written}\n")) == {"key": value}


def test_alias__is_the_anchored_value() -> None:
    assert plain(tree("a: &x [1, 2]\nb: *x\n")) == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a: [1", "yaml-syntax"),
        (b"a: *b\n", "yaml-syntax"),
        (b"a: &a [*a]\n", "yaml-syntax"),
        (b"a: 1\n---\nb: 2\n", "yaml-syntax"),
        (b"a:\n\tb: 1\n", "tab"),
        (b"a: 1\na: 2\n", "duplicate-key"),
        (b"? [a]\n: 1\n", "key-not-text"),
        (b"<<: {a: 1}\n", "merge-key"),
        (b"a: !!python/name:os.system x\n", "yaml-tag"),
        (b"a: \x1b[31m\n", "yaml-syntax"),
        (b"a: \xff\n", "not-utf8"),
        (b"\xef\xbb\xbfa: \xe9\n", "not-utf8"),
        (b"[" * 200_000, "too-deep"),
    ],
)
def test_parse__says_what_is_wrong(content: bytes, code: str) -> None:
    assert only_code(content) == code


def test_parse__aliases_that_multiply() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert only_code("\n".join(lines).encode()) == "too-large"


def test_parse__nothing_at_all_is_null() -> None:
    assert plain(tree("")) is None
    assert plain(tree("# only a comment\n")) is None
