from datetime import time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from reports.core.clocks import CountedHours, Opening, mondays_to_fridays
from reports.core.queue import QueueLabels, QueueLimits
from reports.settings.queue_schema import QueuesEntry
from reports.settings.queue_values import QueueSettings, queues_of

REQUESTS = {"projects": ["acme/requests"]}
HOUR = timedelta(hours=1)


def queues(**written: Any) -> QueueSettings:
    return queues_of(QueuesEntry.model_validate(written), ["EMEA", "APAC"], "Europe/Lisbon")


def test_what_is_left_out__is_as_the_handbook_says() -> None:
    found = queues(attention_requests=REQUESTS)

    assert (found.labels, found.limits) == (QueueLabels(), QueueLimits())
    assert (found.attention_requests, found.feedback, found.ticket_tags) == (("acme/requests",), (), frozenset())
    assert [(r.name, r.time_zone, r.support_hours, r.country) for r in found.regions] == [
        (name, "Europe/Lisbon", mondays_to_fridays("Europe/Lisbon"), None) for name in ("APAC", "EMEA")
    ]
    assert found.region_labels == {"OrganizationRegion::EMEA": "EMEA", "OrganizationRegion::APAC": "APAC"}


def test_the_defaults_of_every_part__are_those_of_the_core() -> None:
    found = queues(attention_requests=REQUESTS, feedback={"projects": ["acme/feedback"]}, handovers={})

    assert (found.labels, found.limits) == (QueueLabels(), QueueLimits())
    assert found.ticket_tags == {"need_handover", "rehome_initiated", "handed_over_to_emea", "handed_over_to_apac"}


def test_a_region__has_its_own_zone_hours_and_words() -> None:
    hours = {"days": ["tue", "mon"], "opens": "09:00", "closes": "17:30"}
    region = {"time_zone": "Asia/Tokyo", "labels": ["asia"], "tags": ["to_asia"], "support_hours": hours}

    found = queues(regions={"APAC": region}, handovers={})

    assert [(r.name, r.support_hours) for r in found.regions] == [
        (
            "APAC",
            CountedHours(
                time_zone="Asia/Tokyo",
                openings=tuple(Opening(weekday=day, opens=time(9), closes=time(17, 30)) for day in (0, 1)),
            ),
        )
    ]
    assert (found.region_labels, found.region_tags) == ({"asia": "APAC"}, {"to_asia": "APAC"})


def test_labels_and_limits__are_an_organisations_own() -> None:
    requests = REQUESTS | {
        "urgent": {"label": "now", "hours": 0.25},
        "timely": {"label": "today", "hours": 3},
        "not_urgent": {"label": "some day", "hours": 6},
        "dispositions": ["done"],
        "disposition_hours": 4,
        "closed_days": 7,
    }
    feedback = {
        "projects": ["acme/feedback"],
        "negative": "bad",
        "contact_requested": "call me",
        "contacted": "called",
        "contact_hours": 24,
        "days": 3,
    }

    found = queues(attention_requests=requests, feedback=feedback, handovers={"tags": ["given"], "hours": 2})

    assert found.labels == QueueLabels(
        urgent="now",
        timely="today",
        not_urgent="some day",
        dispositions=("done",),
        negative="bad",
        contact_requested="call me",
        contacted="called",
    )
    assert found.limits == QueueLimits(
        urgent=HOUR / 4,
        timely=3 * HOUR,
        not_urgent=6 * HOUR,
        contact=24 * HOUR,
        feedback=timedelta(days=3),
        disposition=4 * HOUR,
        handover=2 * HOUR,
        closed_for=timedelta(days=7),
    )
    assert found.handover_tags == {"given"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, "these queues read nothing"),
        ({"handovers": {}, "regions": {"EMEA": {"labels": ["a"]}, "APAC": {"labels": ["a", "b"]}}}, "two regions have one"),
        ({"handovers": {}, "regions": {"EMEA": {"support_hours": {"opens": "9:00"}}}}, "is not a time of day"),
    ],
)
def test_queues__that_make_no_sense_are_refused(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        QueuesEntry.model_validate(written)
