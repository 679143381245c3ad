import pytest

from reports.core.model import Aggregation, GoalKind, Measurement
from reports.core.rates import if_enough, quantile, ratio
from reports.render.figures import amount, measured, rests_on, target_words, unit_words
from tests.views import DOCS, NEW_TICKETS, OWN_REPLIES, RESOLVE, engineer_rates

RATIO, MEDIAN, P90 = Aggregation.RATIO, Aggregation.MEDIAN, Aggregation.P90


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [(5, Aggregation.COUNT, "5"), (57.0, RATIO, "57 %"), (141.4, MEDIAN, "141.4"), (None, RATIO, "no data")],
)
def test_amount__a_share_has_its_sign(value: float | None, kind: Aggregation, expected: str) -> None:
    assert amount(value, kind) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Measurement(value=4), "4"),
        (Measurement(value=None, missing="zendesk was down"), "no data"),
        (Measurement(value=None, missing="zendesk was down", kind=RATIO), "no data"),
        (ratio(23, 40), "57 % of 40"),
        (if_enough(ratio(9, 16), 20), "9 of 16"),
        (ratio(0, 0), "no cases"),
        (quantile(MEDIAN, [1, 2, 4]), "2 (3 cases)"),
        (quantile(MEDIAN, [141.44]), "141.4 (1 case)"),
        (if_enough(quantile(P90, [1, 2, 3]), 20), "3 cases"),
        (quantile(MEDIAN, []), "no cases"),
    ],
)
def test_measured__says_of_how_many_and_no_share_of_too_few(found: Measurement, expected: str) -> None:
    assert measured(found) == expected


def test_rests_on__says_what_chance_alone_gives() -> None:
    hours = [float(n) for n in range(1, 21)]

    assert rests_on(ratio(15, 26), OWN_REPLIES) == "58 % of 26 replies; chance alone gives 38–75 %"
    assert rests_on(quantile(MEDIAN, hours), RESOLVE) == "The median of 20 cases is 10.5 hours; chance alone gives 6–15 hours"
    assert rests_on(quantile(P90, hours), RESOLVE) == (
        "The 90th percentile of 20 cases is 18 hours; too few cases to know what chance alone gives"
    )


def test_rests_on__says_only_what_there_is() -> None:
    assert rests_on(if_enough(ratio(9, 16), 20), OWN_REPLIES) == "9 of 16 replies, too few for a share"
    assert rests_on(if_enough(quantile(MEDIAN, [1.0]), 20), RESOLVE) == "1 case, too few for a median"
    assert rests_on(ratio(0, 0), OWN_REPLIES) == "no cases"


def test_unit_words__name_what_a_number_is_in() -> None:
    assert [unit_words(of) for of in (NEW_TICKETS, DOCS, OWN_REPLIES, RESOLVE)] == [
        "tickets",
        "merge requests",
        "percent of replies",
        "median hours",
    ]


def test_target_words__of_a_share_have_its_sign_once() -> None:
    band = engineer_rates().goals[0].goal

    assert band.kind is GoalKind.BAND
    assert target_words(band, 50, RATIO) == "50–60 %"
