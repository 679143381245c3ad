"""The single values of `config/` with their own rules: names, days, addresses, paths; each refusal says what is expected."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reports.core.weeks import Week
from reports.settings.nearest import quoted

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)
_LOOPBACK_NAMES = {"localhost"}
_YEARS = range(2000, 2100)


def refusal(code: str, message: str, hint: str = "", at: str = "") -> PydanticCustomError:
    """An error pydantic carries to the explanations as it is; `at` names the key inside a map that it is about."""
    context = {"message": message, "hint": hint, "at": at}
    return PydanticCustomError(code, "{message}", context)


@dataclass(frozen=True, slots=True)
class Form:
    """Text of a certain form: a regular expression for the loader and for editors, and what to say when it does not fit."""

    pattern: str
    code: str
    expected: str

    def checked(self, text: str) -> str:
        """The text itself; a refusal when it does not fit."""
        if re.fullmatch(self.pattern, text) is None or not text.isprintable():
            raise refusal(self.code, f"{quoted(text)} is not {self.expected}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


_STEP = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_TEMPLATE_STEP = r"[A-Za-z0-9_{][A-Za-z0-9_.{}-]*"

Text = Annotated[str, Form(r"\S(?:.{0,253}\S)?", "bad-text", "one line of 1 to 255 characters without blanks at its ends")]
Word = Annotated[str, Form(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "bad-word", "one word of letters, digits, '_', '-' and '.'")]
Label = Annotated[
    str, Form(r"[^,\s](?:[^,]{0,253}[^,\s])?", "bad-label", "a label: one line without commas, at most 255 characters")
]
Username = Annotated[str, Form(_STEP, "bad-username", "a GitLab username, such as iduarte (without @)")]
Email = Annotated[str, Form(r"[^@\s<>]+@[^@\s<>.]+(?:\.[^@\s<>.]+)+", "bad-email", "an e-mail address, such as ines@example.com")]
GroupPath = Annotated[str, Form(rf"{_STEP}(?:/{_STEP})*", "bad-group", "the path of a group, such as gitlab-org")]
ProjectPath = Annotated[
    str, Form(rf"{_STEP}(?:/{_STEP})+", "bad-project", "the path of a project, such as acme/support/managers")
]
ProjectTemplate = Annotated[
    str,
    Form(
        rf"{_TEMPLATE_STEP}(?:/{_TEMPLATE_STEP})+",
        "bad-project",
        "the path of a project, such as acme/support/managers or acme/support/1-1s/{username}",
    ),
]
Variable = Annotated[
    str, Form(r"[A-Z][A-Z0-9_]*", "bad-variable", "the name of an environment variable, such as CALENDAR_ADDRESSES")
]
ClockTime = Annotated[str, Form(r"(?:[01]\d|2[0-3]):[0-5]\d", "bad-time", "a time of day, such as 09:00")]
Host = Annotated[
    str, Form(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", "bad-host", "the name of a host, such as gitlab.example.com")
]


# --- days ---------------------------------------------------------------------------------------


def _day(written: object, of_week: Callable[[Week], date]) -> object:
    if not isinstance(written, str):
        return written
    day = of_week(_week(written)) if _WEEK.fullmatch(written) else _calendar_day(written)
    if day.year not in _YEARS:
        raise refusal("bad-date", f"the year {day.year} is not in this century")
    return day


def _week_id(written: str) -> str:
    return str(_week(written))


def _week(written: str) -> Week:
    try:
        return Week.parse(written)
    except ValueError as failure:
        raise refusal("bad-week", str(failure)) from None


def _calendar_day(written: str) -> date:
    try:
        if _DAY.fullmatch(written) is not None:
            return date.fromisoformat(written)
    except ValueError:
        raise refusal("bad-date", f"there is no day {quoted(written)}") from None
    raise refusal("bad-date", f"{quoted(written)} is not a day", "write it like 2026-06-22, or a week like 2026-W26")


def _first_day(written: object) -> object:
    return _day(written, lambda week: week.first_day)


def _last_day(written: object) -> object:
    return _day(written, lambda week: week.last_day)


_DAY_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^\d{4}-(?:\d{2}-\d{2}|W\d{2})$"})
FirstDay = Annotated[date, BeforeValidator(_first_day), _DAY_SCHEMA]
LastDay = Annotated[date, BeforeValidator(_last_day), _DAY_SCHEMA]
WeekId = Annotated[str, AfterValidator(_week_id), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-W\d{2}$"})]


# --- addresses ----------------------------------------------------------------------------------


def _address(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable() or " " in url:
        raise refusal("bad-url", "this is not the address of a server", "write it like https://gitlab.example.com")
    if parts.query or parts.fragment:
        raise refusal(
            "bad-url", "an address holds only a host, a port and a path here", "write it like https://gitlab.example.com"
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise refusal("plain-http", "plain http would send tokens unprotected", "use https; http is for this machine only")
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return host in _LOOPBACK_NAMES or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


Url = Annotated[str, AfterValidator(_address), WithJsonSchema({"type": "string", "pattern": r"^https?://[^\s@?#]+$"})]
