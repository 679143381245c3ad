"""Whether a server answers at all, and by which clock; asks without credentials, so that nothing depends on them."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from reports.adapters.http_session import GITLAB_CREDENTIALS, ZENDESK_CREDENTIALS, PacedSession, Service, unreachable
from reports.core.health import SOURCE, Server, Trouble

_ANSWERS = (200, 401, 403)


def gitlab_server(url: str, session: PacedSession) -> Server:
    """The GitLab at an address; it answers with a version, or asks who wants to know."""
    return _server(Service("GitLab", url, GITLAB_CREDENTIALS), "/api/v4/version", {"version", "message"}, session)


def zendesk_server(url: str, session: PacedSession) -> Server:
    """The Zendesk at an address; it tells a stranger that they are nobody."""
    return _server(Service("Zendesk", url, ZENDESK_CREDENTIALS), "/api/v2/users/me.json", {"user", "error"}, session)


def _server(service: Service, path: str, words: set[str], session: PacedSession) -> Server:
    """`words` are keys of which its answer has at least one."""
    try:
        # `auth` that changes nothing keeps a .netrc file from putting its own credentials in.
        response = session.get(f"{service.url}{path}", auth=lambda request: request)
    except requests.RequestException as error:
        cause = unreachable(service, error)
        return Server(url=service.url, trouble=Trouble(says=cause.message, step=cause.hint, code=SOURCE))
    if response.status_code in _ANSWERS and words & _keys(response):
        return Server(url=service.url, clock=_clock(response))
    if response.status_code == 429 or response.status_code >= 500:
        says = f"{service.name} at {service.url} answers {response.status_code}"
        return Server(url=service.url, trouble=Trouble(says=says, step="look at its status page; run again later", code=SOURCE))
    says = f"what answers at {service.url} is no {service.name} ({response.status_code})"
    step = "correct the address in config/sources.yml: a proxy, a login page or another server answers like this"
    return Server(url=service.url, trouble=Trouble(says=says, step=step, code=SOURCE))


def _keys(response: requests.Response) -> set[str]:
    try:
        found = json.loads(response.content)
    except ValueError:
        return set()
    return set(found) if isinstance(found, dict) else set()


def _clock(response: requests.Response) -> datetime | None:
    try:
        told = parsedate_to_datetime(response.headers.get("Date", ""))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
