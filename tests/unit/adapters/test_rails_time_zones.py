"""The names that Zendesk gives to time zones."""

from zoneinfo import ZoneInfo

import pytest

from reports.adapters import rails_time_zones
from reports.adapters.rails_time_zones import iana_zone


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Central Time (US & Canada)", "America/Chicago"),
        ("London", "Europe/London"),
        ("Europe/Lisbon", "Europe/Lisbon"),
        ("UTC", "Etc/UTC"),
        ("Atlantis", "Atlantis"),
    ],
)
def test_iana_zone__knows_the_names_of_rails_and_leaves_others_alone(name: str, expected: str) -> None:
    assert iana_zone(name) == expected


@pytest.mark.parametrize("zone", sorted(set(rails_time_zones._IANA.values())))
def test_iana_zone__gives_zones_that_there_are(zone: str) -> None:
    assert ZoneInfo(zone).key == zone
