"""Codes of countries and of their parts, whose public holidays are days off: each that nobody knows is a problem.

It reads what was written rather than what was valid, as `words` does. The library of holidays is asked only where a
country stands, since loading it takes as long as all else that a check does.
"""

from collections.abc import Iterator, Mapping

from reports.settings.nearest import nearest_word, quoted
from reports.settings.problems import Problem, error
from reports.settings.yaml_nodes import Node, Path, Scalar, matching, node_at, place_at

#: Below this length a word that is like a name is like too many of them.
_SHORTEST_NAME = 4


def country_problems(name: str, shown: str, tree: Node) -> Iterator[Problem]:
    """A problem for each unknown country or part of one in a file, and for each part that stands without a country."""
    if name == "team.yml":
        for path, person in matching(tree, "people", "*"):
            changes = [(*path, *change) for change, _ in matching(person, "changes", "*")]
            yield from _in_turn(shown, tree, [path, *changes])
    elif name == "sources.yml":
        for path, _ in matching(tree, "gitlab", "queues", "regions", "*"):
            yield from _in_turn(shown, tree, [path])


def _in_turn(file: str, tree: Node, paths: list[Path]) -> Iterator[Problem]:
    """The problems of one person or region; a part belongs to the country of its own map, or else to the latest one before."""
    country = ""
    for path in paths:
        written, part = _text_at(tree, (*path, "country")), _text_at(tree, (*path, "subdivision"))
        if written and not _is_country(written):
            place = place_at(tree, (*path, "country"))
            yield error(file, place, "unknown-country", f"unknown country {quoted(written)}", _country_hint(written))
        country = written or country
        if not part:
            continue
        place = place_at(tree, (*path, "subdivision"))
        if not country:
            message = f"the subdivision {quoted(part)} stands without a country"
            yield error(file, place, "subdivision-alone", message, "add the country, such as PT or DE, or leave it out")
        elif _is_country(country) and part not in (known := _parts(country)):
            message = f"unknown subdivision {quoted(part)} of {country}"
            yield error(file, place, "unknown-subdivision", message, _part_hint(part, known))


def _text_at(tree: Node, path: Path) -> str:
    node = node_at(tree, path)
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def _names() -> Mapping[str, str]:
    """The code of two letters by the English name of its country, in small letters."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    return {name.replace("_", " "): codes[1] for name, codes in COUNTRIES.items()}


def _is_country(code: str) -> bool:
    from holidays.registry import EntityLoader  # noqa: PLC0415

    return code in EntityLoader.get_country_codes()


def _country_hint(written: str) -> str:
    names = _names()
    if written.upper() in names.values():
        return f"did you mean {quoted(written.upper())}?"
    name = nearest_word(written.replace("_", " "), names) if len(written) >= _SHORTEST_NAME else ""
    return f"did you mean {quoted(names[name])}?" if name else "write the code of two capital letters, such as PT or DE"


def _parts(country: str) -> Mapping[str, str]:
    """The known parts of a country: each code, and its name where there is one, else the code again."""
    import holidays  # noqa: PLC0415

    known = holidays.country_holidays(country)
    named = {code: name for name, code in getattr(known, "subdivisions_aliases", {}).items()}
    return {code: named.get(code, code) for code in known.subdivisions}


def _part_hint(part: str, known: Mapping[str, str]) -> str:
    if not known:
        return "none is known there: leave it out"
    by_word = {word: code for code, name in known.items() for word in (name, code)}
    nearest = nearest_word(part, by_word)
    return f"did you mean {quoted(by_word[nearest])}?" if nearest else f"expected one of {', '.join(sorted(known))}"
