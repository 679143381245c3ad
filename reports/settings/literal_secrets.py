"""Finds secrets written into YAML, comments included, and masks them before anything reads on; it never prints one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reports.settings.nearest import quoted
from reports.settings.problems import Problem, error, place_of
from reports.settings.yaml_nodes import Entry, Mapping, Node, Path, Sequence

_HINT = "keep secrets in the environment (GITLAB_TOKEN, ZENDESK_TOKEN); revoke this one if it is real"
_KEY = re.compile(
    r"(?:^|[_.\-\s])(?:token|secret|password|passwd|passphrase|api_?key|private_?key|credentials?)s?$", re.IGNORECASE
)
_KNOWN = re.compile(
    r"\bgl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[A-Za-z0-9_.\-]{8,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}|\bxox[abeoprs]-[\w-]{10,}|\bAKIA[A-Z0-9]{16}\b"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?s:.)*?-----END [A-Z ]*PRIVATE KEY-----)?"
)
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_RANDOM = re.compile(r"[A-Za-z0-9_+=-]{24,}")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{32,}")
_SWITCHES = re.compile(r"[A-Za-z][0-9]|[0-9][A-Za-z]|[a-z][A-Z]|[A-Z]{2}[a-z]")


@dataclass(frozen=True, slots=True)
class Masked:
    """The bytes of a file with an `x` for each character of a secret, and the refusal of each secret."""

    content: bytes
    problems: tuple[Problem, ...]


def masked(file: str, content: bytes) -> Masked:
    """The file without tokens, passwords in addresses and long random strings; every other character keeps its place."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")
    stretches = list(_stretches(text))
    if not stretches:
        return Masked(content, ())
    problems = tuple(error(file, place_of(text[: match.start()]), "literal-secret", what, _HINT) for match, what in stretches)
    return Masked(_with_masks(text, [match for match, _ in stretches]).encode("utf-8", "surrogateescape"), problems)


def _stretches(text: str) -> Iterator[tuple[re.Match[str], str]]:
    end = 0
    for match, what in sorted(_candidates(text), key=lambda found: found[0].start()):
        if match.start() >= end:
            yield match, what
            end = match.end()


def _with_masks(text: str, matches: Iterable[re.Match[str]]) -> str:
    parts, end = list[str](), 0
    for match in matches:
        parts += [text[end : match.start()], re.sub(r"\S", "x", match[0])]
        end = match.end()
    return "".join([*parts, text[end:]])


def _candidates(text: str) -> Iterator[tuple[re.Match[str], str]]:
    yield from ((match, "this looks like a token") for match in _KNOWN.finditer(text))
    yield from ((match, "this address holds credentials") for match in _IN_ADDRESS.finditer(text))
    yield from ((match, "this looks like a secret") for match in _RANDOM.finditer(text) if _is_random(match[0]))


def _is_random(word: str) -> bool:
    if _HEXADECIMAL.fullmatch(word):
        return any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    return any(c.isdigit() for c in word) and len(_SWITCHES.findall(word)) >= 5


def secret_keys(tree: Node, path: Path = ()) -> Iterator[tuple[Path, Entry]]:
    """Every entry whose key names a secret, with its path; nothing under it is looked at."""
    if isinstance(tree, Mapping):
        for entry in tree.entries:
            if _KEY.search(entry.key):
                yield (*path, entry.key), entry
            else:
                yield from secret_keys(entry.value, (*path, entry.key))
    elif isinstance(tree, Sequence):
        for index, item in enumerate(tree.items):
            yield from secret_keys(item, (*path, index))


def problem_of_key(file: str, entry: Entry) -> Problem:
    """The refusal of a key that names a secret, without its value."""
    return error(file, entry.place, "literal-secret", f"a secret cannot stand here ({quoted(entry.key)})", _HINT)
