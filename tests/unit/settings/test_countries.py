import subprocess
import sys

from reports.settings.countries import country_problems
from reports.settings.yaml_reader import parse


def found(written: str) -> list[str]:
    """The messages about one person."""
    tree = parse("team.yml", f"people: [{written}]".encode()).tree
    assert tree is not None
    return [f"{problem.column} {problem.message}" for problem in country_problems("team.yml", "team.yml", tree)]


def test_country_problems__of_known_codes_are_none() -> None:
    assert found("{country: DE, subdivision: BY, changes: [{subdivision: BE}, {country: NO}, {country: PT}]}") == []


def test_country_problems__a_part_belongs_to_the_latest_country() -> None:
    assert found("{country: DE, changes: [{country: PT}, {subdivision: BY}]}") == ["63 unknown subdivision 'BY' of PT"]


def test_country_problems__a_part_of_an_unknown_country_is_not_judged() -> None:
    assert found("{country: XX, subdivision: BY}") == ["20 unknown country 'XX'"]


def test_country_problems__no_country_no_library() -> None:
    script = (
        "import sys; from reports.settings.countries import country_problems; from reports.settings.yaml_reader import parse;"
        "print(*country_problems('team.yml', 'team.yml', parse('team.yml', b'people: [{username: iduarte}]').tree));"
        "print('holidays' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False"]
