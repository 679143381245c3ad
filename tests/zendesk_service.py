"""A sandbox Zendesk on loopback for tests of the adapters, with a clock that can be moved and a session that never sleeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from reports.adapters.http_session import PacedSession, Patience, Waiting
from reports.adapters.zendesk_access import AccessToken, OAuthClient, ZendeskAccess
from reports.adapters.zendesk_exports import KEPT_TAGS, ZendeskExports
from reports.adapters.zendesk_lists import DeskSettings, ZendeskLists
from reports.adapters.zendesk_rows import KeptFields
from reports.sandbox.zendesk_account import CLIENT_ID, CLIENT_SECRET
from reports.sandbox.zendesk_rest import zendesk_app
from reports.sandbox.zendesk_state import ZendeskState

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
CLIENT = OAuthClient(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
KEPT = KeptFields(tags=KEPT_TAGS)


@dataclass
class MovableClock:
    """A clock that stands still until a test moves it."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class Service:
    """The server's address, its state, its clock, and what it was asked since the last look."""

    url: str
    state: ZendeskState
    clock: MovableClock
    session: PacedSession
    asked: list[str] = field(default_factory=list)

    def access(self, credentials: OAuthClient | AccessToken = CLIENT) -> ZendeskAccess:
        return ZendeskAccess(self.url, credentials, self.session, self.clock)

    def exports(self, kept: KeptFields = KEPT, credentials: OAuthClient | AccessToken = CLIENT) -> ZendeskExports:
        return ZendeskExports(self.access(credentials), kept)

    def lists(self, settings: DeskSettings | None = None) -> ZendeskLists:
        return ZendeskLists(self.access(), settings or DeskSettings())

    def asked_for(self) -> list[str]:
        """Paths asked for since the last look, without those for tokens."""
        paths = [path for path in self.asked if path != "/oauth/tokens"]
        self.asked.clear()
        return paths


@contextmanager
def service(state: ZendeskState) -> Iterator[Service]:
    """The state served on loopback."""
    clock, asked = MovableClock(), list[str]()
    app = zendesk_app(state, clock.now)

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            asked.append(self.path.partition("?")[0])

    server: BaseWSGIServer = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    session = PacedSession(Patience(attempts=2), Waiting(sleep=lambda seconds: None))
    try:
        yield Service(f"http://127.0.0.1:{server.server_port}", state, clock, session, asked)
    finally:
        for adapter in session.adapters.values():
            adapter.close()
        server.shutdown()
        thread.join()
        server.server_close()
