"""The sandbox Zendesk over HTTP: the paths of API v2 that a support team's exports need; all state is in ZendeskState."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from flask import Flask, Request, Response, request

from reports.sandbox import zendesk_auth as auth
from reports.sandbox import zendesk_json as shapes
from reports.sandbox import zendesk_paging as paging
from reports.sandbox.zendesk_auth import Meter, Refusal, refuse_value
from reports.sandbox.zendesk_state import Timeline, ZendeskState

ADMINS = frozenset({"admin"})
AGENTS = frozenset({"admin", "agent"})
SUPPORT_TYPES = ("agent", "ai_agent", "all")
TOO_RECENT = "Too recent start_time. Use a start_time older than 1 minute"
PAST_DEPTH = "Pagination requests using Offset Pagination are limited to the first 100 pages"

Item = TypeVar("Item")
Row = TypeVar("Row", bound=tuple[object, ...])
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that pages both by cursor and by offset: its JSON name, its items in order and how they are ordered."""

    name: str
    path: str
    items: Sequence[Any]
    shape: Callable[[Any, str], Body]
    order: str = "id"
    key: Callable[[Any], tuple[str | int, ...]] = lambda item: (item.id,)


def zendesk_app(state: ZendeskState, clock: Callable[[], datetime]) -> Flask:
    """The WSGI application; `clock` gives the aware instant that expiry, withholding and limits go by."""
    app = Flask("zendesk-sandbox", static_folder=None)
    app.url_map.strict_slashes = False
    desk = Desk(state, clock, Meter())
    app.before_request(desk.meter_request)
    app.after_request(desk.add_limits)
    app.register_error_handler(Refusal, lambda refusal: _answer(dict(refusal.body), refusal.status, refusal.headers))
    app.register_error_handler(404, lambda _: _answer({"error": "InvalidEndpoint", "description": "Not found"}, 404))
    app.post("/oauth/tokens")(desk.oauth_tokens)
    for path, view in desk.views().items():
        # Zendesk answers with and without the suffix; zenpy asks with it.
        app.get(f"/api/v2/{path}.json", endpoint=f"{path}.json")(view)
        app.get(f"/api/v2/{path}", endpoint=path)(view)
    return app


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers requests from the state."""

    state: ZendeskState
    clock: Callable[[], datetime]
    meter: Meter

    def views(self) -> dict[str, Callable[..., Response]]:
        """The paths served, without suffix."""
        return {
            "users/me": self.me,
            "users": self.users,
            "groups": self.groups,
            "group_memberships": self.group_memberships,
            "ticket_forms": self.ticket_forms,
            "ticket_fields": self.ticket_fields,
            "custom_statuses": self.custom_statuses,
            "tickets": self.tickets,
            "tickets/<int:ticket_id>": self.ticket,
            "incremental/tickets/cursor": self.exported_tickets,
            "incremental/ticket_events": self.exported_updates,
            "incremental/ticket_metric_events": self.exported_metric_events,
        }

    # --- every request ---------------------------------------------------------------------------

    def now(self) -> int:
        """The present Unix second."""
        return int(self.clock().timestamp())

    def meter_request(self) -> Response | None:
        """Count the request against the account and, for an export, against the exports; refuse it when over."""
        now, limits = self.now(), self.state.rate_limits
        environ = request.environ
        environ["sandbox.account_used"] = self.meter.count("account", now)
        if "/incremental/" in request.path:
            environ["sandbox.exports_used"] = self.meter.count("exports", now)
        if not limits.enforced:
            return None
        retry = (("Retry-After", str(60 - now % 60)),)
        if environ.get("sandbox.exports_used", 0) > limits.exports:
            return _answer(auth.EXPORT_LIMIT, 429, retry)
        if environ["sandbox.account_used"] > limits.account:
            return _answer(auth.ACCOUNT_LIMIT, 429, retry)
        return None

    def add_limits(self, response: Response) -> Response:
        """Put the limit headers on an answer; a limit that is not enforced never reads as used up."""
        now, limits = self.now(), self.state.rate_limits
        response.headers.update(auth.account_headers(limits.account, self._shown("account", limits.account), now))
        if "sandbox.exports_used" in request.environ:
            used = self._shown("exports", limits.exports)
            response.headers["zendesk-ratelimit-incremental-exports"] = auth.bucket_header(limits.exports, used, now)
        if request.path.removesuffix(".json") == "/api/v2/tickets":
            response.headers["zendesk-ratelimit-tickets-index"] = auth.bucket_header(100, 1, now)
        return response

    def _shown(self, bucket: str, limit: int) -> int:
        used = int(request.environ.get(f"sandbox.{bucket}_used", 0))
        return used if self.state.rate_limits.enforced else min(used, limit - 1)

    def _allow(self, resource: str, roles: frozenset[str] = AGENTS) -> None:
        token = auth.token_of(self.state, request.headers.get("Authorization"), self.now())
        auth.require(self.state, token, resource, roles)

    # --- people and settings -----------------------------------------------------------------------

    def oauth_tokens(self) -> Response:
        """Tokens for client credentials, from JSON or a form."""
        asked = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        return _answer(auth.issue_token(self.state, asked if isinstance(asked, dict) else {}, self.now()))

    def me(self) -> Response:
        """Who asks; without credentials the answer is 200 and nobody."""
        header = request.headers.get("Authorization")
        if header is None:
            return _answer(shapes.anonymous_json())
        token = auth.token_of(self.state, header, self.now())
        auth.require(self.state, token, "users", frozenset({"admin", "agent", "end-user"}))
        return _answer(shapes.me_json(self.state, token.user_id, _base(request)))

    def users(self) -> Response:
        """People, of the named roles or all."""
        self._allow("users")
        roles = frozenset(request.args.getlist("role[]") + request.args.getlist("role"))
        return _listed(Listing("users", "users", self.state.users_by_role(roles), shapes.user_json))

    def groups(self) -> Response:
        """Groups, by name."""
        self._allow("groups")
        by_name = sorted(self.state.groups, key=lambda group: (group.name, group.id))
        return _listed(Listing("groups", "groups", by_name, shapes.group_json, "name,id", lambda group: (group.name, group.id)))

    def group_memberships(self) -> Response:
        """Who is in which group."""
        self._allow("groups")
        return _listed(
            Listing("group_memberships", "group_memberships", _by_id(self.state.group_memberships), shapes.membership_json)
        )

    def ticket_forms(self) -> Response:
        """Ticket forms."""
        self._allow("tickets")
        return _listed(Listing("ticket_forms", "ticket_forms", _by_id(self.state.ticket_forms), shapes.form_json))

    def ticket_fields(self) -> Response:
        """Ticket fields."""
        self._allow("tickets")
        return _listed(Listing("ticket_fields", "ticket_fields", _by_id(self.state.ticket_fields), shapes.field_json))

    def custom_statuses(self) -> Response:
        """Custom statuses: one answer, never paged."""
        self._allow("tickets")
        statuses = _by_id(self.state.custom_statuses)
        return _answer({"custom_statuses": [shapes.status_json(status, _base(request)) for status in statuses]})

    # --- tickets -------------------------------------------------------------------------------------

    def tickets(self) -> Response:
        """Tickets by id; deleted ones are not among them."""
        self._allow("tickets")
        known = self.state.tickets
        ids = [ticket_id for ticket_id in self.state.ticket_ids() if known[ticket_id].status != "deleted"]
        listing = Listing("tickets", "tickets", ids, lambda i, base: shapes.ticket_json(known[i], base), key=lambda i: (i,))
        return _listed(listing)

    def ticket(self, ticket_id: int) -> Response:
        """One ticket."""
        self._allow("tickets")
        ticket = self.state.tickets.get(ticket_id)
        if ticket is None or ticket.status == "deleted":
            raise Refusal(404, {"error": "RecordNotFound", "description": "Not found"})
        return _answer({"ticket": shapes.shown_ticket_json(ticket, _base(request))})

    # --- exports ---------------------------------------------------------------------------------------

    def exported_tickets(self) -> Response:
        """The cursor export: from a start time or a cursor on, ordered by (generated time, id)."""
        self._allow("tickets", ADMINS)
        order = self.state.ticket_order()
        page = paging.cursor_page(order, self._export_start(order), _export_size(), self.now(), self._wanted())
        base, tickets = _base(request), self.state.tickets
        with_metrics = "metric_sets" in request.args.get("include", "").split(",")
        cursor = None if page.position is None else paging.cursor_of(page.position)
        return _answer(
            {
                "tickets": [shapes.exported_ticket_json(tickets[key[1]], base, with_metrics) for key in page.keys],
                "after_url": None if cursor is None else _after_url(base, cursor),
                "before_url": None,
                "after_cursor": cursor,
                "before_cursor": None,
                "end_of_stream": page.end_of_stream,
            }
        )

    def exported_updates(self) -> Response:
        """The time-based export of ticket events."""
        self._allow("tickets", ADMINS)
        with_comments = "comment_events" in request.args.get("include", "").split(",")
        return self._timed("ticket_events", self.state.updates, lambda update: shapes.update_json(update, with_comments))

    def exported_metric_events(self) -> Response:
        """The time-based export of ticket metric events."""
        self._allow("tickets", ADMINS)
        return self._timed("ticket_metric_events", self.state.metric_events, shapes.metric_event_json)

    def _timed(self, name: str, rows: Timeline[Row], shape: Callable[[Row], Body]) -> Response:
        page = paging.time_page(rows, self._start_time(), _export_size(), self.now())
        following = None
        if page.end_time is not None:
            kept = {key: request.args[key] for key in ("include", "per_page", "support_type_scope") if key in request.args}
            following = f"{_base(request)}{request.path}?{_query({**kept, 'start_time': str(page.end_time)})}"
        return _answer(
            {
                name: [shape(row) for row in page.rows],
                "count": len(page.rows),
                "end_of_stream": page.end_of_stream,
                "end_time": page.end_time,
                "next_page": following,
            }
        )

    def _export_start(self, order: Timeline[tuple[int, int]]) -> int:
        cursor = request.args.get("cursor")
        if cursor is None:
            return order.index_at(self._start_time())
        try:
            return order.index_past(paging.position_of(cursor))
        except ValueError:
            raise refuse_value(400, "Invalid cursor") from None

    def _start_time(self) -> int:
        text = request.args.get("start_time", "")
        if not text.isdecimal():
            raise refuse_value(400, "start_time must be a Unix time in seconds")
        start = int(text)
        if start > self.now() - paging.WITHHELD:
            raise refuse_value(422, TOO_RECENT)
        return start

    def _wanted(self) -> Callable[[int], bool]:
        tickets = self.state.tickets
        scope = request.args.get("support_type_scope", "agent")
        if scope not in SUPPORT_TYPES:
            raise refuse_value(400, "support_type_scope must be all, agent or ai_agent")
        without_deleted = request.args.get("exclude_deleted") == "true"

        def wanted(ticket_id: int) -> bool:
            ticket = tickets[ticket_id]
            return scope in ("all", ticket.support_type) and not (without_deleted and ticket.status == "deleted")

        return wanted


# --- lists -------------------------------------------------------------------------------------------


def _listed(listing: Listing) -> Response:
    return _by_cursor(listing) if any(key.startswith("page[") for key in request.args) else _by_offset(listing)


def _by_cursor(listing: Listing) -> Response:
    try:
        size = min(int(request.args.get("page[size]", paging.LIST_PAGE)), paging.LIST_PAGE)
        query = paging.ListQuery(size, _place("page[after]"), _place("page[before]"))
        page = paging.list_page(listing.items, listing.key, listing.order, query)
    except (ValueError, TypeError):
        raise Refusal(400, {"errors": [{"code": "InvalidPaginationParameter", "title": "Invalid page parameter"}]}) from None
    base = _base(request)
    url = f"{base}/api/v2/{listing.path}.json"
    roles = [("role[]", role) for role in request.args.getlist("role[]")]

    def link(side: str, cursor: str | None) -> str | None:
        return None if cursor is None else f"{url}?{_query([*roles, (f'page[{side}]', cursor), ('page[size]', str(size))])}"

    return _answer(
        {
            listing.name: [listing.shape(item, base) for item in page.items],
            "meta": {"has_more": page.has_more, "after_cursor": page.after, "before_cursor": page.before},
            "links": {"prev": link("before", page.before), "next": link("after", page.after)},
        }
    )


def _place(parameter: str) -> tuple[str | int, ...] | None:
    cursor = request.args.get(parameter)
    return paging.list_key(cursor) if cursor else None


def _by_offset(listing: Listing) -> Response:
    try:
        number = max(1, int(request.args.get("page", 1)))
        size = min(max(1, int(request.args.get("per_page", paging.LIST_PAGE))), paging.LIST_PAGE)
    except ValueError:
        raise Refusal(400, {"errors": [{"code": "InvalidPaginationParameter", "title": "Invalid page parameter"}]}) from None
    if number * size > paging.OFFSET_DEPTH:
        raise Refusal(400, {"errors": [{"code": "InvalidPaginationDepth", "title": PAST_DEPTH}]})
    base, count = _base(request), len(listing.items)
    url = f"{base}/api/v2/{listing.path}.json"
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]

    def link(page: int) -> str:
        return f"{url}?{_query([*kept, ('page', str(page))])}"

    return _answer(
        {
            listing.name: [listing.shape(item, base) for item in listing.items[(number - 1) * size : number * size]],
            "next_page": link(number + 1) if number * size < count else None,
            "previous_page": link(number - 1) if number > 1 else None,
            "count": count,
        }
    )


# --- pieces ------------------------------------------------------------------------------------------


def _answer(body: Body, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Response:
    response = Response(msgspec.json.encode(body), status, content_type="application/json; charset=utf-8")
    response.headers.update({"x-zendesk-api-version": "v2", **dict(headers)})
    return response


def _base(asked: Request) -> str:
    return asked.host_url.rstrip("/")


def _export_size() -> int:
    text = request.args.get("per_page", str(paging.EXPORT_PAGE))
    if not text.isdecimal() or int(text) < 1:
        raise refuse_value(400, "per_page must be a positive number")
    return min(int(text), paging.EXPORT_PAGE)


def _after_url(base: str, cursor: str) -> str:
    kept = {
        key: request.args[key] for key in ("exclude_deleted", "include", "per_page", "support_type_scope") if key in request.args
    }
    return f"{base}{request.path}?{_query({'cursor': cursor, **kept})}"


def _query(pairs: dict[str, str] | Sequence[tuple[str, str]]) -> str:
    every = pairs.items() if isinstance(pairs, dict) else pairs
    return "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in every)


def _by_id(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda item: getattr(item, "id"))  # noqa: B009  (every listed value has an id)
