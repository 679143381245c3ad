import pytest

from reports.commands.sandbox_command import parse_limits
from reports.errors import UsageError


def test_rate_limits__are_requests_a_minute_by_host() -> None:
    assert parse_limits(("gitlab=60", "zendesk=400")) == {"gitlab": 60, "zendesk": 400}


@pytest.mark.parametrize("text", ["x=1", "gitlab", "gitlab=", "gitlab=many", "=3"])
def test_rate_limits__that_make_no_sense_are_named_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is not understood") as caught:
        parse_limits((text,))

    assert "gitlab=60" in caught.value.hint
