from dataclasses import replace

import pytest

from reports.core.baseline import BaselineLine, PeerWeek, baseline, peers_of
from reports.core.capacity import week_capacity
from reports.core.context import Context
from reports.core.judgement import Status
from reports.core.model import Measurement
from tests.builders import W46, away, engineer, on_call, rules


def peer(value: float | None, name: str = "peer", context: Context | None = None) -> PeerWeek:
    capacity = week_capacity(engineer(name), W46, context or Context(), rules())
    return PeerWeek(username=name, capacity=capacity, measurement=Measurement(value=value))


def line_for(own: PeerWeek, *others: PeerWeek) -> BaselineLine:
    return baseline("solved_tickets", own, peers_of([own, *others]), rules())


def test_baseline__is_0_85_of_the_mean_per_available_day() -> None:
    own = peer(8)

    line = line_for(own, peer(6), peer(6), peer(10), peer(10))

    # 40 tickets in 25 days: 1.6 a day, 8 in five days, 6.8 after the factor.
    assert (line.line, line.peers, line.status) == (6.8, 5, Status.MET)


def test_baseline__is_scaled_to_the_persons_own_days() -> None:
    four_days = peer(5, "iduarte", Context(unavailable=(away("2026-11-13"),)))

    line = line_for(four_days, *[peer(8) for _ in range(4)])

    # 37 tickets in 24 days, 0.85 of that for four days: 5.2; 5 is less than one below.
    assert (line.line, line.status) == (5.2, Status.WITHIN_NOISE)


def test_baseline__leaves_out_whoever_is_not_assessed_or_has_no_data() -> None:
    busy = peer(100, "vcruz", replace(Context(), on_call=(on_call("2026-11-09", who="vcruz"),)))

    line = line_for(peer(8), *[peer(8) for _ in range(4)], busy, peer(None))

    assert (line.line, line.peers) == (6.8, 5)


def test_baseline__with_fewer_than_five_peers_there_is_no_line() -> None:
    line = line_for(peer(1), *[peer(8) for _ in range(3)])

    assert (line.line, line.peers, line.status) == (None, 4, Status.NOT_ASSESSED)


@pytest.mark.parametrize(
    ("own", "status"),
    [
        (peer(5), Status.NOT_MET),
        (peer(None), Status.NO_DATA),
        (peer(0, "iduarte", Context(on_call=(on_call("2026-11-09"),))), Status.NOT_ASSESSED),
    ],
)
def test_baseline__says_where_the_person_stands(own: PeerWeek, status: Status) -> None:
    assert line_for(own, *[peer(8) for _ in range(5)]).status is status
