import re

from hypothesis import given
from hypothesis import strategies as st

from reports.core.parts import TITLE_LIMIT, in_parts, search_address
from reports.core.publication import DesiredIssue, description_of, whole_of
from tests.builders import desired

URL = "https://gitlab.example.com"
LEFT_OUT = "*Something is left out here: on its own it is longer than an issue may be.*"


def size(issue: DesiredIssue) -> int:
    return len(description_of(issue).encode())


def text_of(parts: tuple[DesiredIssue, ...]) -> str:
    """What the parts say without what leads from one to the other."""
    said = []
    for number, part in enumerate(parts, start=1):
        text = part.body if number == 1 else part.body.partition("\n\n")[2]
        said.append(text if number == len(parts) else text.rpartition("\n\n---\n\n")[0])
    return "\n\n".join(said)


def test_in_parts__what_fits_is_left_as_it_is() -> None:
    issue = desired()

    assert in_parts(issue, size(issue), URL) == (issue,)


def test_in_parts__is_cut_before_a_heading_and_each_part_leads_to_the_next() -> None:
    body = f"First lines\n\n### Goals\n\n{'g' * 700}\n\n### Weeks\n\n{'w' * 700}"

    first, second = in_parts(desired(body=body), 1500, URL)

    assert first.body.startswith(f"First lines\n\n### Goals\n\n{'g' * 700}\n\n---\n\n**The report goes on in [part 2](https://")
    assert second.body.startswith("**Part 2 of a report that begins in [part 1](https://gitlab.example.com/")
    assert second.body.endswith(" here nobody listens.\n\n### Weeks\n\n" + "w" * 700)
    assert (first.key, second.key) == (desired().key, f"{desired().key}/part-2")
    assert (first.title, second.title) == (desired().title, f"{desired().title} (part 2)")
    assert second.audience.readers == desired().readers
    assert (second.confidential, second.assignees, second.labels) == (True, ("iduarte",), desired().labels)


def test_in_parts__counts_bytes() -> None:
    body = "\n\n".join(f"### Section {n}\n\n" + "ä" * 300 for n in range(4))
    in_letters = len(description_of(desired(body=body)))

    assert len(in_parts(desired(body=body), in_letters + 10, URL)) > 1


def test_in_parts__a_section_too_long_for_any_is_cut_at_its_folded_blocks() -> None:
    folded = [f"<details><summary>{n}</summary>\n\n" + "x" * 300 + "\n\n</details>" for n in range(4)]
    body = "### Evidence\n\n" + "\n\n".join(folded)

    parts = in_parts(desired(body=body), 1200, URL)

    assert len(parts) > 1
    assert text_of(parts) == body
    assert all(part.body.count("<details>") == part.body.count("</details>") for part in parts)
    assert "### Evidence\n\n<details><summary>0" in parts[0].body


def test_in_parts__is_never_cut_inside_code_or_a_folded_block() -> None:
    code = "````text\n### Nor here\n```\n</details>\n````"
    folded = f"<details><summary>More</summary>\n\n### Not here\n\n{code}\n\n### Nor here\n\n</details>"
    body = f"### One\n\n{'a' * 500}\n\n### Two\n\n{folded}\n\n### Three\n\n{'c' * 500}"

    parts = in_parts(desired(body=body), 1200, URL)

    assert len(parts) > 1
    assert sum(folded in part.body for part in parts) == 1
    assert text_of(parts) == body


def test_in_parts__what_no_issue_can_hold_is_left_out_and_said() -> None:
    body = "First lines\n\n### Too long\n\n" + "x" * 3000 + "\n\n### After\n\nstill here"

    parts = in_parts(desired(body=body), 1000, URL)

    assert text_of(parts) == f"First lines\n\n{LEFT_OUT}\n\n### After\n\nstill here"


def test_in_parts__a_long_title_keeps_the_number_of_its_part() -> None:
    body = "\n\n".join(f"### {n}\n\n" + "x" * 900 for n in range(3))

    *_, last = in_parts(desired(body=body, title="T" * 255), 2600, URL)

    assert len(last.title) <= TITLE_LIMIT
    assert re.search(r"T \(part \d\)$", last.title)


def test_search_address__finds_a_title_whatever_is_in_it() -> None:
    assert search_address(URL, "acme/x", "Week & Ä") == f"{URL}/acme/x/-/issues?state=all&search=Week+%26+%C3%84"


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="#<`~\r\n\f\v\x1c\x1d\x1e\x85\u2028\u2029"), max_size=60)
PIECES = st.one_of(
    WORDS,
    WORDS.map(lambda words: f"### {words}"),
    WORDS.map(lambda words: f"<details><summary>x</summary>\n\n### {words}\n\n</details>"),
    WORDS.map(lambda words: f"```text\n### {words}\n<details>\n```"),
    WORDS.map(lambda words: f"| {words} |\n|---|\n| ### |"),
)


@given(body=st.lists(PIECES, max_size=25).map("\n\n".join), limit=st.integers(1100, 2500))
def test_in_parts__holds_everything_once_in_order_and_each_part_fits(body: str, limit: int) -> None:
    issue = desired(body=body)

    parts = in_parts(issue, limit, URL)

    assert all(size(part) <= limit for part in parts)
    assert {whole_of(part.key) for part in parts} == {issue.key}
    assert len({part.key for part in parts}) == len(parts)
    assert all(part.body.count("<details><") == part.body.count("</details>") for part in parts)
    assert all(part.body.count("```") % 2 == 0 for part in parts)
    assert squeezed(text_of(parts)) == squeezed(body)
    assert in_parts(parts[0], limit, URL) == (parts[0],)


def squeezed(text: str) -> list[str]:
    """A text without its blank lines, and without blanks at the ends of its lines."""
    return [line.strip() for line in text.split("\n") if line.strip()]
