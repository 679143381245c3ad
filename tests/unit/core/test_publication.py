from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.publication import (
    Action,
    DesiredIssue,
    ExistingIssue,
    Kind,
    block_of,
    description_of,
    diff,
    plan,
    rebased,
    series_of,
)
from tests.builders import desired, existing

BOT = "support-reports-bot"
PROJECT = "acme/support/1-1s/iduarte"


def planned(wanted: DesiredIssue, *there: ExistingIssue) -> list[tuple[Kind, int | None]]:
    return [(action.kind, action.iid) for action in actions(wanted, *there)]


def actions(wanted: DesiredIssue, *there: ExistingIssue) -> tuple[Action, ...]:
    return plan([wanted], {PROJECT: there}, BOT)


def published(wanted: DesiredIssue, iid: int = 1, before: str = "", after: str = "", **special: Any) -> ExistingIssue:
    return existing(before + description_of(wanted) + after, iid, title=wanted.title, **special)


def test_plan__creates_what_is_not_there() -> None:
    action = actions(desired())[0]

    assert (action.kind, action.iid, action.title) == (Kind.CREATE, None, "Weekly report 2026-W46: Ines Duarte")
    assert block_of(action.after) is not None


def test_plan__what_was_published_is_left_alone() -> None:
    assert planned(desired(), published(desired(), iid=7)) == [(Kind.NOTHING, 7)]


@pytest.mark.parametrize(
    "change",
    [{"body": "Week 2026-W46\n\nOne more."}, {"title": "Weekly report: Ines"}, {"labels": ("weekly-report",)}],
)
def test_plan__a_report_that_changed_is_updated(change: dict[str, Any]) -> None:
    assert planned(replace(desired(), **change), published(desired(), iid=7)) == [(Kind.UPDATE, 7)]


def test_plan__words_around_the_block_stay() -> None:
    there = published(desired(), before="I was at a conference.\n\n", after="\n\nThanks!")

    update = actions(desired(body="New numbers"), there)[0]

    assert update.after.startswith("I was at a conference.\n\n<!-- support-reports key=")
    assert update.after.endswith("<!-- support-reports end -->\n\nThanks!")
    assert "New numbers" in update.after
    assert "All is well" not in update.after


def test_plan__words_around_the_block_change_nothing() -> None:
    assert planned(desired(), published(desired(), before="My words\n", after="\nmore")) == [(Kind.NOTHING, 1)]


def test_plan__other_line_ends_and_trailing_blanks_change_nothing() -> None:
    stored = description_of(desired()).replace("\n", " \r\n")

    assert planned(desired(), existing(stored)) == [(Kind.NOTHING, 1)]


def test_plan__text_edited_inside_the_block_is_put_back() -> None:
    tampered = description_of(desired()).replace("All is well.", "All is splendid.")

    assert planned(desired(), existing(tampered)) == [(Kind.UPDATE, 1)]


def test_plan__a_block_without_its_end_is_written_again() -> None:
    cut = description_of(desired()).replace("<!-- support-reports end -->", "")

    update = actions(desired(body="New"), existing(cut))[0]

    assert update.after == description_of(desired(body="New"))


def test_plan__a_new_title_that_a_person_gave_stays() -> None:
    renamed = replace(published(desired()), title="Ines, week 46", state="closed")

    assert planned(desired(), renamed) == [(Kind.NOTHING, 1)]


def test_plan__an_issue_that_became_readable_is_made_confidential_again() -> None:
    assert planned(desired(), replace(published(desired()), confidential=False)) == [(Kind.UPDATE, 1)]


def test_plan__the_same_marker_by_somebody_else_is_not_ours() -> None:
    assert planned(desired(), published(desired(), author="mallory")) == [(Kind.CREATE, None)]


def test_plan__an_issue_of_the_bot_without_a_marker_is_not_a_report() -> None:
    assert planned(desired(), existing("Hello")) == [(Kind.CREATE, None)]


def test_plan__of_duplicates_the_lowest_number_stays() -> None:
    there = [published(desired(), iid=iid) for iid in (9, 4, 6)]

    assert planned(desired(), *there) == [(Kind.NOTHING, 4), (Kind.CLOSE, 6), (Kind.CLOSE, 9)]


def test_plan__a_duplicate_leads_to_the_one_that_stays_and_words_in_it_remain() -> None:
    there = [published(desired(), iid=4), published(desired(), iid=6, before="My words\n\n", after="\n\nThanks!")]

    close = actions(desired(), *there)[1]

    assert (close.kind, close.iid, close.stays) == (Kind.CLOSE, 6, there[0].url)
    assert close.after == (
        "My words\n\n<!-- support-reports key=engineer_weekly/iduarte/2026-W46 digest=elsewhere format=1 -->\n\n"
        f"This report was opened twice. It goes on in [issue 4]({there[0].url}).\n\n"
        "<!-- support-reports end -->\n\nThanks!"
    )
    assert [line[0] for line in diff(close) if "opened twice" in line] == ["+"]


def test_plan__a_duplicate_that_leads_elsewhere_is_never_the_report_again() -> None:
    close = actions(desired(), published(desired(), iid=4), published(desired(), iid=6))[1]
    duplicate = existing(close.after, 6, state="closed")

    assert planned(desired(), published(desired(), iid=4), duplicate) == [(Kind.NOTHING, 4)]
    assert planned(desired(), duplicate) == [(Kind.CREATE, None)]


def test_plan__a_duplicate_that_is_closed_is_left_alone() -> None:
    there = [published(desired(), iid=4), published(desired(), iid=6, state="closed")]

    assert planned(desired(), *there) == [(Kind.NOTHING, 4)]


def test_plan__last_weeks_issue_is_closed_when_the_new_one_opens() -> None:
    last_week = published(desired("engineer_weekly/iduarte/2026-W45"), iid=3)

    assert planned(desired(), last_week) == [(Kind.CREATE, None), (Kind.CLOSE, 3)]


def test_plan__other_reports_and_later_weeks_stay_open() -> None:
    there = [
        published(desired("engineer_weekly/jbeck/2026-W45"), iid=3),
        published(desired("team_weekly/iduarte/2026-W45"), iid=4),
        published(desired("engineer_weekly/iduarte/2026-W47"), iid=5),
    ]

    assert planned(desired(), *there) == [(Kind.CREATE, None)]


def test_plan__an_issue_that_replaces_none_leaves_older_ones_of_its_series_open() -> None:
    last_week = published(desired("follow_up/iduarte/2026-W44"))

    assert planned(desired("follow_up/iduarte/2026-W46", close_after_weeks=None), last_week) == [(Kind.CREATE, None)]


def test_plan__an_issue_is_closed_so_many_weeks_after_its_own_as_the_report_says() -> None:
    there = [
        published(desired("engineer_weekly/iduarte/2026-W45"), iid=3),
        published(desired("engineer_weekly/iduarte/2026-W44"), iid=4),
        published(desired("engineer_weekly/iduarte/2025-W52"), iid=5),
        published(desired("engineer_weekly/iduarte/2026-W99"), iid=6),
    ]

    assert planned(desired(close_after_weeks=2), *there) == [(Kind.CREATE, None), (Kind.CLOSE, 4), (Kind.CLOSE, 5)]


def test_plan__an_older_issue_that_is_closed_stays_so() -> None:
    closed = published(desired("engineer_weekly/iduarte/2026-W45"), iid=3, state="closed")

    assert planned(desired(), closed) == [(Kind.CREATE, None)]


def test_plan__an_issue_without_a_week_closes_no_other_of_its_report() -> None:
    there = [published(desired("region_queue/APAC"), iid=3), published(desired("region_queue/EMEA"), iid=4)]

    assert planned(desired("region_queue/EMEA"), *there) == [(Kind.NOTHING, 4)]


@pytest.mark.parametrize(
    ("is_open", "state", "then"),
    [(True, "closed", [Kind.REOPEN]), (True, "opened", []), (False, "opened", [Kind.CLOSE]), (None, "closed", [])],
)
def test_plan__an_issue_that_has_to_be_open_or_closed(is_open: bool | None, state: str, then: list[Kind]) -> None:
    wanted = desired("region_queue/EMEA", is_open=is_open)

    assert [kind for kind, _ in planned(wanted, published(wanted, state=state))] == [Kind.NOTHING, *then]


@pytest.mark.parametrize(
    ("key", "series"),
    [
        ("engineer_weekly/iduarte/2026-W46", "engineer_weekly/iduarte"),
        ("engineer_weekly/iduarte/2026-W46/part-2", "engineer_weekly/iduarte"),
        ("region_queue/EMEA", "region_queue/EMEA"),
        ("region_queue/EMEA/part-12", "region_queue/EMEA"),
        ("region_queue/2026-W46-like", "region_queue/2026-W46-like"),
    ],
)
def test_series__is_a_key_without_its_week(key: str, series: str) -> None:
    assert series_of(key) == series


# --- parts ----------------------------------------------------------------------------------------

PART = f"{desired().key}/part-2"


def test_plan__a_part_that_is_no_longer_needed_is_closed() -> None:
    there = [published(desired(), iid=4), published(desired(PART), iid=5)]

    assert planned(desired(), *there) == [(Kind.NOTHING, 4), (Kind.CLOSE, 5)]


def test_plan__parts_that_are_wanted_stay_and_older_ones_are_closed_once() -> None:
    older = [desired("engineer_weekly/iduarte/2026-W45"), desired("engineer_weekly/iduarte/2026-W45/part-2")]
    there = [*(published(one, iid=iid) for iid, one in enumerate(older, start=1)), published(desired(PART), iid=5)]

    made = plan([desired(), desired(PART)], {PROJECT: there}, BOT)

    assert [(a.kind, a.iid) for a in made] == [(Kind.CREATE, None), (Kind.CLOSE, 1), (Kind.CLOSE, 2), (Kind.NOTHING, 5)]


def test_plan__a_part_of_another_report_is_none_of_this_one() -> None:
    assert planned(desired(), published(desired("engineer_weekly/jbeck/2026-W46/part-2"))) == [(Kind.CREATE, None)]


# --- what people tick and write meanwhile ---------------------------------------------------------


def test_plan__a_ticked_box_changes_nothing_and_stays_when_the_report_is_written() -> None:
    ticked = published(desired(body="- [ ] talked")).description.replace("[ ]", "[x]")

    assert planned(desired(body="- [ ] talked"), existing(ticked)) == [(Kind.NOTHING, 1)]
    assert "New\n\n- [x] talked" in actions(desired(body="New\n\n- [ ] talked"), existing(ticked))[0].after


def test_rebased__an_update_goes_around_words_that_came_since() -> None:
    update = actions(desired(body="New"), published(desired()))[0]

    found = rebased(update, published(desired(), before="My words\n\n", after="\n\nand more"), BOT)

    assert found is not None
    assert found.kind is Kind.UPDATE
    assert found.after == f"My words\n\n{description_of(desired(body='New'))}\n\nand more"


def test_rebased__what_is_done_already_is_nothing_to_do() -> None:
    update = actions(desired(body="New"), published(desired()))[0]
    close, reopen = replace(update, kind=Kind.CLOSE), replace(update, kind=Kind.REOPEN)
    merge = actions(desired(), published(desired()), published(desired(), iid=2))[1]
    cases = [
        (update, published(desired(body="New"))),
        (close, published(desired(), state="closed")),
        (reopen, published(desired())),
        (merge, existing(merge.after, 2, state="closed")),
    ]

    assert [found and found.kind for found in (rebased(action, now, BOT) for action, now in cases)] == [Kind.NOTHING] * 4


def test_rebased__what_is_not_done_yet_is_still_to_do() -> None:
    update = actions(desired(body="New"), published(desired()))[0]
    close, reopen = replace(update, kind=Kind.CLOSE), replace(update, kind=Kind.REOPEN)

    assert rebased(close, published(desired()), BOT) == close
    assert rebased(reopen, published(desired(), state="closed"), BOT) == reopen


@pytest.mark.parametrize("now", [existing("words"), published(desired("a/b/2026-W46")), published(desired(), author="mallory")])
def test_rebased__an_issue_that_is_not_ours_any_more_is_left_alone(now: ExistingIssue) -> None:
    assert rebased(actions(desired(body="New"), published(desired()))[0], now, BOT) is None


def test_diff__shows_the_lines_that_change() -> None:
    update = actions(desired(body="Week 2026-W46\n\nAll is fine."), published(desired()))[0]

    lines = diff(update)

    assert "-All is well." in lines
    assert "+All is fine." in lines
    assert not any("support-reports end" in line for line in lines if line.startswith(("-", "+")))


def test_diff__keeps_removed_lines_that_look_like_headers() -> None:
    update = actions(desired(body="-- \nnew"), published(desired(body="-- old\nnew")))[0]

    assert "--- old" in diff(update)


markdown = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=200)


@given(body=markdown, before=markdown, after=markdown)
def test_plan__publishing_twice_plans_nothing_whatever_the_texts(body: str, before: str, after: str) -> None:
    wanted = desired(body=body)

    first = actions(wanted, existing(before + description_of(desired(body="old")) + after))[0]
    second = actions(wanted, existing(first.after or description_of(wanted)))[0]

    assert second.kind is Kind.NOTHING
    if block_of(before) is None:
        assert first.after.startswith(before)
        assert first.after.endswith(after)
