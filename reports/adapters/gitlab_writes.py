"""Sends one write so that it happens once: waits where GitLab limits, looks where the answer was lost, else gives up aloud.

What was surely not done (429: GitLab counts before it does anything) is sent again after a wait. What may have been done (no
answer, half an answer, a 5xx) is looked for first. Anything else is a refusal of this one write.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from urllib.parse import urlsplit

import gitlab
import requests

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.http_session import PacedSession, Wait
from reports.errors import PublishError, ReportsError, UnreachableError

#: GitLab's limits on issues and notes are per minute of its clock; its answer does not say when the next one begins.
_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePatience:
    """How often one write is sent and how long it waits in all, in seconds."""

    unclear_answers: int = 3
    first_wait: float = 2.0
    total_wait: float = 600.0


class _Outcome(Enum):
    """What an error says of a write."""

    REFUSED = "refused"
    LIMITED = "limited"
    UNCLEAR = "unclear"


class CarefulWrites:
    """The writes of one run."""

    def __init__(self, client: GitlabClient, session: PacedSession, patience: WritePatience | None = None) -> None:
        self._client = client
        self._session = session
        self._patience = patience or WritePatience()
        self._retry_after = ""
        # python-gitlab's errors do not say what the headers of an answer were.
        client.api.session.hooks["response"].append(self._note)

    def _note(self, response: requests.Response, **kwargs: object) -> None:
        self._retry_after = response.headers.get("Retry-After", "").strip()

    def carry_out(self, what: str, send: Callable[[], object], is_done: Callable[[], bool]) -> None:
        """Send a write, and again while that is safe; `is_done` looks whether one with a lost answer has happened.

        Raises PublishError when this write is refused, UnreachableError when others would be as well.
        """
        waited, unclear = 0.0, 0
        while True:
            self._retry_after = ""
            try:
                send()
            except (gitlab.GitlabError, requests.RequestException) as error:
                outcome = _outcome(error)
                unclear += outcome is _Outcome.UNCLEAR
                if outcome is _Outcome.REFUSED or unclear > self._patience.unclear_answers:
                    raise self._failure(what, error) from error
                waited += self._wait(error, outcome, waited, unclear)
                if outcome is _Outcome.UNCLEAR and self._looks_done(what, is_done, error):
                    return
            else:
                return

    def _looks_done(self, what: str, is_done: Callable[[], bool], error: Exception) -> bool:
        try:
            return is_done()
        except PublishError as second:
            raise UnreachableError(f"whether GitLab did {what} is not known: {second.message}", _AGAIN) from error

    def _wait(self, error: Exception, outcome: _Outcome, waited: float, unclear: int) -> float:
        """Wait before the next step and say so; the seconds, UnreachableError when that would be too long."""
        asked = _asked_wait(self._retry_after, self._session.now())
        if outcome is _Outcome.LIMITED:
            usual, reason = self._until_next_minute(), "limit of writes"
        else:
            usual, reason = self._patience.first_wait * 2.0 ** (unclear - 1), "unclear answer to a write"
        seconds = usual if asked is None else asked
        if waited + seconds > self._patience.total_wait:
            raise UnreachableError(f"GitLab at {self._client.url} limits writes for longer than we may wait", _AGAIN) from error
        host = urlsplit(self._client.url).netloc
        is_limit = outcome is _Outcome.LIMITED
        self._session.pause(Wait(host=host, seconds=seconds, reason=reason, asked=asked is not None, for_limit=is_limit))
        return seconds

    def _until_next_minute(self) -> float:
        """Till a second after the next full minute: by then another share of the limit is free, whatever the server counts."""
        return _MINUTE - self._session.now().timestamp() % _MINUTE + 1.0

    def _failure(self, what: str, error: Exception) -> ReportsError:
        is_spam = re.search("spam|captcha", str(getattr(error, "response_body", "")), re.IGNORECASE)
        found = self._client.failure(what, error)
        if getattr(error, "response_code", None) == 401:
            return UnreachableError(found.message, found.hint)
        if is_spam:
            return PublishError(f"GitLab takes it for spam to {what}", "an administrator can mark the bot's user as trusted")
        return found


_AGAIN = "run the command again later: what was written stays, nothing is written twice"


def _outcome(error: Exception) -> _Outcome:
    code = getattr(error, "response_code", None)
    if code == 429:
        return _Outcome.LIMITED
    if isinstance(error, gitlab.exceptions.RedirectError):
        return _Outcome.REFUSED
    is_answer = code is not None and 400 <= code < 500 and code != 408
    return _Outcome.REFUSED if is_answer else _Outcome.UNCLEAR


def _asked_wait(text: str, now: datetime) -> float | None:
    """The seconds that a `Retry-After` names, as a number or a date; None without a usable one."""
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
