import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.rounding import tenth


@pytest.mark.parametrize(
    ("exact", "shown"), [(4.0, 4.0), (0.85, 0.8), (0.1 + 0.2 + 0.55, 0.8), (0.8500011, 0.9), (4.64, 4.6), (4.66, 4.7), (0, 0)]
)
def test_tenth__rounds_to_the_nearest_and_an_exact_half_down(exact: float, shown: float) -> None:
    assert tenth(exact) == shown


@given(one=st.floats(0, 1000), other=st.floats(0, 1000))
def test_tenth__keeps_the_order(one: float, other: float) -> None:
    assert tenth(min(one, other)) <= tenth(max(one, other))
