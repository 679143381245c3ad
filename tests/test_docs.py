"""The documents against the tool they describe."""

import re
from pathlib import Path

import click
import pytest

from reports.commands.cli import cli
from scripts.document_measures import PAGE, page

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_measures_page__is_what_the_sql_files_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run scripts/document-measures"


def test_measures_page__every_measure_stands_once_under_its_family_and_every_link_leads_somewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    anchors = [heading.lower().replace(" ", "-") for heading in headings]

    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) == set(anchors)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_scripts__lead_to_files_that_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = {target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target}
    scripts = set(re.findall(r"\bscripts/[a-z-]+\b", text))

    assert [link for link in links if not (document.parent / link).exists()] == []
    assert [script for script in scripts if not (ROOT / script).exists()] == []


def test_readme__names_every_exit_code_once() -> None:
    rows = re.findall(r"^\| (\d) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert rows == [str(code) for code in range(10)]


def test_commands__that_documents_name_exist_and_teach() -> None:
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    named = set(re.findall(r"(?<!@)support-reports (?:--[a-z]+ [^\s`]+ )*([a-z][a-z-]*)\b", text))

    assert named <= set(cli.commands)
    for command in cli.commands.values():
        assert len(command.get_short_help_str(200)) > 20
        described = [p.help for p in command.params if isinstance(p, click.Option)]
        assert all(described), command.name
