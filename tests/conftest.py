"""Shared fixtures: rendered texts held against the files in `tests/golden`, and the one option that rewrites them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# In CI the same examples each time: a law that breaks there can be looked at here. By hand, new ones. `scripts/mutation` runs
# the tests thousands of times, so it takes few. How long an example takes depends on the machine, so no law depends on it.
settings.register_profile("by hand", deadline=None)
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("mutation", derandomize=True, deadline=None, max_examples=10, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "by hand"))

GOLDEN = Path(__file__).parent / "golden"
ACTUAL = GOLDEN / "_actual"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden from what is rendered now; then read the diff"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a whole text with `tests/golden/<name>`; a text that differs is kept in `tests/golden/_actual`."""

    def compare(name: str, text: str) -> None:
        expected = GOLDEN / name
        if request.config.getoption("--update-golden"):
            expected.parent.mkdir(parents=True, exist_ok=True)
            expected.write_text(text, encoding="utf-8", newline="\n")
        elif not expected.exists() or expected.read_text(encoding="utf-8") != text:
            ACTUAL.mkdir(parents=True, exist_ok=True)
            (ACTUAL / name).write_text(text, encoding="utf-8", newline="\n")
            pytest.fail(f"tests/golden/{name} differs from tests/golden/_actual/{name}; if it should, run pytest --update-golden")

    return compare
