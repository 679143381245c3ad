from dataclasses import replace

from reports.core.audience import Member
from reports.core.publication import DesiredIssue, Kind, description_of
from reports.jobs import applying, pipeline
from reports.ports import Progress
from tests.builders import W46, desired, existing, utc
from tests.fakes import BOT, FakeTracker

PROJECT = "acme/support/1-1s/iduarte"
SINCE = utc("2026-11-15")


def silent(progress: Progress) -> None:
    pass


def tracker(**special: str) -> FakeTracker:
    return FakeTracker({PROJECT: (Member(user_id=1, username=BOT, access_level=15),)}, **special)  # type: ignore[arg-type]


def reports(count: int, body: str = "All is well.") -> list[DesiredIssue]:
    return [desired(f"engineer_weekly/e{n:03}/2026-W46", body=body, assignees=("iduarte",)) for n in range(count)]


def publish(issues: list[DesiredIssue], place: FakeTracker) -> pipeline.Applied:
    return applying.apply(pipeline.plan(issues, place, W46, SINCE).actions, place, silent)


def test_apply__meets_the_people_of_new_issues_and_reads_nothing_again_for_them() -> None:
    place = tracker()

    publish(reports(120), place)

    assert (place.met, place.rereads) == ({"iduarte"}, [])


def test_apply__reads_texts_again_in_batches_before_it_writes_them() -> None:
    place = tracker()
    publish(reports(120), place)

    assert publish(reports(120, "New numbers"), place).updated == 120
    assert place.rereads == [50, 50, 20]


def test_apply__keeps_words_that_were_written_since_it_planned() -> None:
    place = tracker()
    publish(reports(1), place)
    planned = pipeline.plan(reports(1, "New numbers"), place, W46, SINCE)
    place.there[PROJECT] = [replace(issue, description=f"My words\n\n{issue.description}") for issue in place.there[PROJECT]]

    applying.apply(planned.actions, place, silent)

    text = place.there[PROJECT][0].description
    assert text.startswith("My words\n\n<!-- support-reports")
    assert "New numbers" in text


def test_apply__what_another_run_has_done_meanwhile_is_not_done_again() -> None:
    place = tracker()
    publish(reports(1), place)
    planned = pipeline.plan(reports(1, "New numbers"), place, W46, SINCE)
    applying.apply(planned.actions, place, silent)
    writes = place.writes

    again = applying.apply(planned.actions, place, silent)

    assert (again.updated, again.unchanged, place.writes) == (0, 1, writes)


def test_apply__an_issue_deleted_since_it_was_planned_is_a_failure_that_the_next_run_mends() -> None:
    place = tracker()
    publish(reports(2), place)
    planned = pipeline.plan(reports(2, "New numbers"), place, W46, SINCE)
    place.there[PROJECT] = place.there[PROJECT][1:]

    applied = applying.apply(planned.actions, place, silent)

    assert (applied.updated, applied.failed) == (1, frozenset({"engineer_weekly/e000/2026-W46"}))
    assert applied.failures == (f"{PROJECT}#1 was deleted, or our part of it was, since it was read",)
    assert publish(reports(2, "New numbers"), place).created == 1


def test_apply__a_tracker_that_is_gone_ends_it_and_the_rest_counts_as_failed() -> None:
    place = tracker(is_gone_at="engineer_weekly/e003/2026-W46")

    applied = publish(reports(10), place)

    assert (applied.created, place.writes) == (3, 4)
    assert applied.failures == ("GitLab is gone; not tried any more: 6",)
    assert applied.failed == {f"engineer_weekly/e{n:03}/2026-W46" for n in range(3, 10)}


def test_apply__writes_texts_before_it_opens_issues_so_that_what_was_read_is_fresh() -> None:
    place = tracker()
    old = desired("engineer_weekly/e999/2026-W46", body="Old")
    place.there[PROJECT] = [existing(description_of(old))]
    said: list[Kind] = []
    place.told = said.append

    publish([*reports(3), replace(old, body="New")], place)

    assert said == [Kind.UPDATE, Kind.CREATE, Kind.CREATE, Kind.CREATE]
