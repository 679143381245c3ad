from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from reports.settings.scalars import (
    Email,
    FirstDay,
    Host,
    LastDay,
    ProjectPath,
    ProjectTemplate,
    Text,
    Url,
    Username,
    is_loopback,
)


def value(kind: Any, written: object) -> object:
    return TypeAdapter(kind).validate_python(written, strict=True)


def code(kind: Any, written: object) -> str:
    with pytest.raises(ValidationError) as caught:
        value(kind, written)
    return str(caught.value.errors()[0]["type"])


@pytest.mark.parametrize(
    "address",
    [
        "https://gitlab.example.com",
        "https://gitlab.example.com:8443/gitlab",
        "http://localhost:3000",
        "http://127.0.0.1:1",
        "http://127.8.8.8",
        "http://[::1]:80",
    ],
)
def test_url__taken(address: str) -> None:
    assert value(Url, address) == address


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("gitlab.example.com", "bad-url"),
        ("ftp://gitlab.example.com", "bad-url"),
        ("https://", "bad-url"),
        ("https://[::1", "bad-url"),
        ("https://a:99999", "bad-url"),
        ("https://a b", "bad-url"),
        ("https://a/?x=1", "bad-url"),
        ("https://a/#x", "bad-url"),
        ("http://gitlab.example.com", "plain-http"),
        ("http://127.0.0.1.example.com", "plain-http"),
        ("http://0.0.0.0", "plain-http"),
        ("http://localhost.example.com", "plain-http"),
    ],
)
def test_url__refused(address: str, expected: str) -> None:
    assert code(Url, address) == expected


def test_is_loopback__this_machine_only() -> None:
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("192.168.0.1")
    assert not is_loopback("")


def test_days__a_day_or_a_week() -> None:
    assert value(FirstDay, "2026-06-22") == value(LastDay, "2026-06-22") == date(2026, 6, 22)
    assert (value(FirstDay, "2026-W53"), value(LastDay, "2026-W53")) == (date(2026, 12, 28), date(2027, 1, 3))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-02-29", "bad-date"),
        ("2026-6-2", "bad-date"),
        ("22.6.2026", "bad-date"),
        ("20260622", "bad-date"),
        ("2026-W26-1", "bad-date"),
        ("1999-12-31", "bad-date"),
        ("9999-12-31", "bad-date"),
        ("٢٠٢٦-٠٦-٢٢", "bad-date"),
        ("2025-W53", "bad-week"),
        ("2026-W00", "bad-week"),
        (20260622, "date_type"),
        (None, "date_type"),
    ],
)
def test_days__refused(written: object, expected: str) -> None:
    assert code(FirstDay, written) == expected


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Username, "@iduarte"),
        (Username, "../etc"),
        (Username, "ines duarte"),
        (Email, "ines"),
        (Email, "ines@localhost"),
        (Email, "Ines <ines@example.com>"),
        (Host, "https://gitlab.example.com"),
        (ProjectPath, "handbook"),
        (ProjectPath, "acme//handbook"),
        (ProjectPath, "acme/{username}"),
        (ProjectTemplate, "{username}"),
        (ProjectTemplate, "acme/../{username}"),
        (Text, " padded"),
        (Text, ""),
        (Text, "two\nlines"),
        (Text, "\x1b[31mred"),
        (Text, "\ud800"),
        (Text, "x" * 256),
    ],
)
def test_form__refused(kind: Any, written: str) -> None:
    assert code(kind, written).startswith("bad-")


def test_form__taken() -> None:
    assert value(Username, "ines.duarte-2_x") == "ines.duarte-2_x"
    assert value(ProjectTemplate, "acme/1-1s/{username}") == "acme/1-1s/{username}"
    assert value(Text, "x" * 255) == "x" * 255
