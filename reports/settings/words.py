"""The words that one file declares and others use: people, measures, levels, regions; each unknown one is a problem.

It reads what was written rather than what was valid, so that a mistake in one entry hides no other mistake.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from reports.settings.nearest import did_you_mean, quoted
from reports.settings.problems import Problem, error
from reports.settings.yaml_nodes import Node, Path, Scalar, key_place_at, matching, place_at


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The known words by kind; a kind that could not be read is missing, and its words are not questioned."""

    words: Mapping[str, frozenset[str]]

    def knows(self, kind: str, word: str) -> bool:
        """Whether a word of a kind is known, or the kind itself is not."""
        if kind == "time zone":
            return _is_zone(word)
        return kind not in self.words or word in self.words[kind]

    def hint(self, kind: str, word: str) -> str:
        """The nearest known word of a kind."""
        near = did_you_mean(word, available_timezones() if kind == "time zone" else self.words[kind])
        return near or ("docs/measures.md lists them" if kind == "measure" else "")


@dataclass(frozen=True, slots=True)
class _Use:
    """Where words of a kind are used: as values at a path, or as the keys under it."""

    file: str
    path: str
    kind: str
    as_keys: bool = False


_CONTEXT_PARTS = ("unavailable", "on_call", "reduced", "training", "working_days", "corrections")
#: The words that a role is described with, as it is at first and as it changes.
_OF_A_ROLE = {
    "time_zone": "time zone",
    "region": "region",
    "level": "level",
    "focuses.*.name": "focus",
    "reports_to": "manager",
}

_USES = (
    _Use("team.yml", "organisation.time_zone", "time zone"),
    _Use("team.yml", "managers.*.time_zone", "time zone"),
    _Use("team.yml", "managers.*.region", "region"),
    *(
        _Use("team.yml", f"{place}.{key}", kind)
        for place in ("people.*", "people.*.changes.*")
        for key, kind in _OF_A_ROLE.items()
    ),
    _Use("goals.yml", "defaults.*.when.level", "level"),
    _Use("goals.yml", "defaults.*.when.focus", "focus"),
    _Use("goals.yml", "defaults.*.when.region", "region"),
    _Use("goals.yml", "defaults.*.goals", "measure", as_keys=True),
    _Use("goals.yml", "people", "engineer", as_keys=True),
    _Use("goals.yml", "people.*.*.goals", "measure", as_keys=True),
    _Use("goals.yml", "people.*.*.agreed_by.*", "person"),
    _Use("rules.yml", "rule_sets.*.baseline_measures.*", "measure"),
    _Use("rules.yml", "gates.*.entity", "entity"),
    _Use("rules.yml", "gates.*.team", "manager"),
    _Use("rules.yml", "gates.*.person", "engineer"),
    _Use("rules.yml", "gates.*.measure", "measure"),
    *(_Use("context.yml", f"{part}.*.who", "engineer") for part in _CONTEXT_PARTS),
    _Use("sources.yml", "gitlab.queues.regions", "region", as_keys=True),
    _Use("sources.yml", "gitlab.queues.regions.*.time_zone", "time zone"),
)


#: Where words stand that are too many for a hint.
_WHERE_LISTED = {"measure": "docs/measures.md lists them all"}


def vocabulary(team: Node | None, measures: Collection[str]) -> Vocabulary:
    """The words known from what `team.yml` declares and from the catalogue of measures."""
    words = {
        "measure": frozenset(measures),
        "engineer": _texts(team, "people", "*", "username"),
        "manager": _texts(team, "managers", "*", "username"),
        "level": _texts(team, "organisation", "levels", "*"),
        "region": _texts(team, "organisation", "regions", "*"),
        "focus": _texts(team, "organisation", "focuses", "*"),
        "entity": _texts(team, "people", "*", "entity") | _texts(team, "people", "*", "changes", "*", "entity"),
    }
    words["person"] = words["engineer"] | words["manager"]
    return Vocabulary({kind: known for kind, known in words.items() if known})


def _texts(tree: Node | None, *pattern: str) -> frozenset[str]:
    return frozenset(word for _, word in texts_at(tree, *pattern))


def texts_at(tree: Node | None, *pattern: str) -> Iterator[tuple[Path, str]]:
    """Every text, with its path, at the places a pattern fits."""
    for path, node in matching(tree, *pattern):
        if isinstance(node, Scalar) and isinstance(node.value, str):
            yield path, node.value


def unknown_words(name: str, shown: str, tree: Node, known: Vocabulary) -> Iterator[Problem]:
    """A problem for each word in a file that nobody declared."""
    for use in _USES:
        if use.file != name:
            continue
        for path, word in _uses(tree, use):
            if not known.knows(use.kind, word):
                place = key_place_at(tree, path) if use.as_keys else place_at(tree, path)
                message, hint = _unknown(use.kind, word, known)
                yield error(shown, place, f"unknown-{use.kind.replace(' ', '-')}", message, hint)


def _uses(tree: Node, use: _Use) -> Iterator[tuple[Path, str]]:
    if not use.as_keys:
        yield from texts_at(tree, *use.path.split("."))
        return
    for path, _ in matching(tree, *use.path.split("."), "*"):
        if isinstance(path[-1], str):
            yield path, path[-1]


def _unknown(kind: str, word: str, known: Vocabulary) -> tuple[str, str]:
    other = {"manager": "engineer", "engineer": "manager"}.get(kind)
    if other and word in known.words.get(other, ()):
        return f"{quoted(word)} is {_with_article(other)}, not {_with_article(kind)}", ""
    return f"unknown {kind} {quoted(word)}", known.hint(kind, word) or _WHERE_LISTED.get(kind, "")


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True
