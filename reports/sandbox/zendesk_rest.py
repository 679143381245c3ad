"""The sandbox Zendesk over HTTP: the paths of API v2 that a support team's exports need; all state is in ZendeskState."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask import Flask, Response, request

from reports.sandbox import zendesk_auth as auth
from reports.sandbox import zendesk_event_json as events_json
from reports.sandbox import zendesk_json as shapes
from reports.sandbox import zendesk_paging as paging
from reports.sandbox.zendesk_auth import Meter, Refusal, refuse_value
from reports.sandbox.zendesk_http import Body, Listing, answer, base_of, by_id, listed, query_text, whole
from reports.sandbox.zendesk_promises_rest import ADMINS, AGENTS, NO_SUCH_ENDPOINT, PromisesDesk
from reports.sandbox.zendesk_state import Timeline, ZendeskState

SUPPORT_TYPES = ("agent", "ai_agent", "all")
TOO_RECENT = "Too recent start_time. Use a start_time older than 1 minute"

Row = TypeVar("Row", bound=tuple[object, ...])


def zendesk_app(state: ZendeskState, clock: Callable[[], datetime]) -> Flask:
    """The WSGI application; `clock` gives the aware instant that expiry, withholding and limits go by."""
    app = Flask("zendesk-sandbox", static_folder=None)
    app.url_map.strict_slashes = False
    desk = Desk(state, clock, Meter())
    app.before_request(desk.meter_request)
    app.after_request(desk.add_limits)
    app.register_error_handler(Refusal, lambda refusal: answer(dict(refusal.body), refusal.status, refusal.headers))
    app.register_error_handler(404, lambda _: answer(dict(NO_SUCH_ENDPOINT), 404))
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
            **PromisesDesk(self.state.promises, self._allow).views(),
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
        withheld = next((status for path, status in self.state.withheld.items() if f"/api/v2/{path}" in request.path), None)
        if withheld is not None:
            return answer(dict(auth.FORBIDDEN if withheld == 403 else NO_SUCH_ENDPOINT), withheld)
        if not limits.enforced:
            return None
        retry = (("Retry-After", str(60 - now % 60)),)
        if environ.get("sandbox.exports_used", 0) > limits.exports:
            return answer(auth.EXPORT_LIMIT, 429, retry)
        if environ["sandbox.account_used"] > limits.account:
            return answer(auth.ACCOUNT_LIMIT, 429, retry)
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
        return answer(auth.issue_token(self.state, asked if isinstance(asked, dict) else {}, self.now()))

    def me(self) -> Response:
        """Who asks; without credentials the answer is 200 and nobody."""
        header = request.headers.get("Authorization")
        if header is None:
            return answer(shapes.anonymous_json())
        token = auth.token_of(self.state, header, self.now())
        auth.require(self.state, token, "users", frozenset({"admin", "agent", "end-user"}))
        return answer(shapes.me_json(self.state, token.user_id, base_of(request)))

    def users(self) -> Response:
        """People, of the named roles or all."""
        self._allow("users")
        roles = frozenset(request.args.getlist("role[]") + request.args.getlist("role"))
        return listed(Listing("users", "users", self.state.users_by_role(roles), shapes.user_json))

    def groups(self) -> Response:
        """Groups, by name."""
        self._allow("groups")
        by_name = sorted(self.state.groups, key=lambda group: (group.name, group.id))
        return listed(Listing("groups", "groups", by_name, shapes.group_json, "name,id", lambda group: (group.name, group.id)))

    def group_memberships(self) -> Response:
        """Who is in which group."""
        self._allow("groups")
        return listed(
            Listing("group_memberships", "group_memberships", by_id(self.state.group_memberships), shapes.membership_json)
        )

    def ticket_forms(self) -> Response:
        """Ticket forms."""
        self._allow("tickets")
        return listed(Listing("ticket_forms", "ticket_forms", by_id(self.state.ticket_forms), shapes.form_json))

    def ticket_fields(self) -> Response:
        """Ticket fields."""
        self._allow("tickets")
        return listed(Listing("ticket_fields", "ticket_fields", by_id(self.state.ticket_fields), shapes.field_json))

    def custom_statuses(self) -> Response:
        """Custom statuses: one answer, never paged."""
        self._allow("tickets")
        return whole(Listing("custom_statuses", "custom_statuses", by_id(self.state.custom_statuses), shapes.status_json))

    # --- tickets -------------------------------------------------------------------------------------

    def tickets(self) -> Response:
        """Tickets by id; deleted ones are not among them."""
        self._allow("tickets")
        known = self.state.tickets
        ids = [ticket_id for ticket_id in self.state.ticket_ids() if known[ticket_id].status != "deleted"]
        listing = Listing("tickets", "tickets", ids, lambda i, base: shapes.ticket_json(known[i], base), key=lambda i: (i,))
        return listed(listing)

    def ticket(self, ticket_id: int) -> Response:
        """One ticket."""
        self._allow("tickets")
        ticket = self.state.tickets.get(ticket_id)
        if ticket is None or ticket.status == "deleted":
            raise Refusal(404, {"error": "RecordNotFound", "description": "Not found"})
        return answer({"ticket": shapes.shown_ticket_json(ticket, base_of(request))})

    # --- exports ---------------------------------------------------------------------------------------

    def exported_tickets(self) -> Response:
        """The cursor export: from a start time or a cursor on, ordered by (generated time, id)."""
        self._allow("tickets", ADMINS)
        order = self.state.ticket_order()
        page = paging.cursor_page(order, self._export_start(order), _export_size(), self.now(), self._wanted())
        base, tickets = base_of(request), self.state.tickets
        with_metrics = "metric_sets" in request.args.get("include", "").split(",")
        cursor = None if page.position is None else paging.cursor_of(page.position)
        rows = [shapes.exported_ticket_json(tickets[key[1]], base, with_metrics) for key in page.keys]
        beside = {"metric_sets": [row["metric_set"] for row in rows if "metric_set" in row]} if with_metrics else {}
        return answer(
            {
                "tickets": rows,
                **beside,
                "after_url": None if cursor is None else _after_url(base, cursor),
                "before_url": None,
                "after_cursor": cursor,
                "before_cursor": None,
                "end_of_stream": page.end_of_stream,
            }
        )

    def exported_updates(self) -> Response:
        """The time-based export of ticket events, by default without those of tickets that an AI agent handles."""
        self._allow("tickets", ADMINS)
        updates, scope = self.state.updates, _scope()
        if scope != "all":
            updates = updates.only(lambda update: self._support_type(update.ticket_id) == scope)
        with_comments = "comment_events" in request.args.get("include", "").split(",")
        return self._timed("ticket_events", updates, lambda update: events_json.update_json(update, with_comments))

    def _support_type(self, ticket_id: int) -> str:
        ticket = self.state.tickets.get(ticket_id)
        return "agent" if ticket is None else ticket.support_type

    def exported_metric_events(self) -> Response:
        """The time-based export of ticket metric events; with changes, a step that was taken back comes once more."""
        self._allow("tickets", ADMINS)
        events, policies = self.state.metric_events, {policy.id: policy for policy in self.state.promises.policies}
        if request.args.get("include_changes") != "true":
            events = events.only(lambda event: event.happened_at is None)
        return self._timed("ticket_metric_events", events, lambda event: events_json.metric_event_json(event, policies))

    def _timed(self, name: str, rows: Timeline[Row], shape: Callable[[Row], Body]) -> Response:
        page = paging.time_page(rows, self._start_time(), _export_size(), self.now())
        following = None
        if page.end_time is not None:
            kept = {key: value for key, value in sorted(request.args.items()) if key != "start_time"}
            following = f"{base_of(request)}{request.path}?{query_text({**kept, 'start_time': str(page.end_time)})}"
        return answer(
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
        scope = _scope()
        without_deleted = request.args.get("exclude_deleted") == "true"

        def wanted(ticket_id: int) -> bool:
            ticket = tickets[ticket_id]
            return scope in ("all", ticket.support_type) and not (without_deleted and ticket.status == "deleted")

        return wanted


# --- pieces ------------------------------------------------------------------------------------------


def _export_size() -> int:
    text = request.args.get("per_page", str(paging.EXPORT_PAGE))
    if not text.isdecimal() or int(text) < 1:
        raise refuse_value(400, "per_page must be a positive number")
    return min(int(text), paging.EXPORT_PAGE)


def _after_url(base: str, cursor: str) -> str:
    kept = {
        key: request.args[key] for key in ("exclude_deleted", "include", "per_page", "support_type_scope") if key in request.args
    }
    return f"{base}{request.path}?{query_text({'cursor': cursor, **kept})}"


def _scope() -> str:
    scope = request.args.get("support_type_scope", "agent")
    if scope not in SUPPORT_TYPES:
        raise refuse_value(400, "support_type_scope must be all, agent or ai_agent")
    return scope
