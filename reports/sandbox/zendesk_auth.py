"""Who may ask the sandbox Zendesk for what: OAuth tokens, scopes, roles, rate limits; serves no content itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from reports.sandbox.zendesk_state import OAuthToken, ZendeskState

#: How long a token may live, in seconds; both ends excluded.
SHORTEST_TOKEN, LONGEST_TOKEN = 300, 172_800
DEFAULT_TOKEN_LIFE = 28_800

INVALID_TOKEN = {
    "error": "invalid_token",
    "error_description": "The access token provided is expired, revoked, malformed or invalid for other reasons.",
}
INVALID_CLIENT = {
    "error": "invalid_client",
    "error_description": "Client authentication failed due to unknown client, no client authentication included,"
    " or unsupported authentication method.",
}
FORBIDDEN = {
    "error": {
        "title": "Forbidden",
        "message": "You do not have access to this page. Please contact the account owner of this help desk for further help.",
    }
}
EXPORT_LIMIT = {
    "error": "APIRateLimitExceeded",
    "description": "Number of allowed incremental export API requests per minute exceeded",
}
ACCOUNT_LIMIT = {"error": "APIRateLimitExceeded", "description": "Number of allowed API requests per minute exceeded"}


class Refusal(Exception):  # noqa: N818  (an answer, not a failure of the sandbox)
    """An answer other than 200: its status, JSON body and headers."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


def refuse_value(status: int, description: str) -> Refusal:
    """The envelope for a parameter that cannot be served."""
    return Refusal(status, {"error": "InvalidValue", "description": description})


def issue_token(state: ZendeskState, request: Mapping[str, Any], now: int) -> dict[str, Any]:
    """The answer to a client credentials request; a scope nobody knows still yields a token, which then opens nothing."""
    if request.get("grant_type") != "client_credentials":
        raise Refusal(400, {"error": "unsupported_grant_type", "error_description": "The grant type is not supported."})
    client = state.clients.get(str(request.get("client_id")))
    if client is None or client.secret != request.get("client_secret"):
        raise Refusal(401, INVALID_CLIENT)
    life = request.get("expires_in", DEFAULT_TOKEN_LIFE)
    if not isinstance(life, int) or not SHORTEST_TOKEN < life < LONGEST_TOKEN:
        raise Refusal(400, {"error": "invalid_request", "error_description": "expires_in must be between 300 and 172800."})
    scope = str(request.get("scope") or "read")
    text = f"sandbox-oauth-token-{len(state.tokens) + 1}"
    state.tokens[text] = OAuthToken(user_id=client.user_id, scopes=frozenset(scope.split()), expires_at=now + life)
    return {"access_token": text, "token_type": "bearer", "scope": scope, "expires_in": life}


def token_of(state: ZendeskState, header: str | None, now: int) -> OAuthToken:
    """The live token of an Authorization header; Refusal 401 otherwise. API tokens by basic authentication are over."""
    if header is None or not header.lower().startswith("bearer "):
        raise Refusal(401, {"error": "Couldn't authenticate you"}, (("WWW-Authenticate", 'Basic realm="Web Password"'),))
    token = state.tokens.get(header[7:].strip())
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        raise Refusal(401, INVALID_TOKEN, (("WWW-Authenticate", 'Bearer realm="Zendesk", error="invalid_token"'),))
    return token


def require(state: ZendeskState, token: OAuthToken, resource: str, roles: frozenset[str]) -> None:
    """Refusal 403 unless the token's scopes open the resource and its user has one of the roles."""
    if not token.scopes & {"read", f"{resource}:read"}:
        raise Refusal(403, {"error": "Forbidden", "description": "You are missing the following required scopes: read"})
    if state.users[token.user_id].role not in roles:
        raise Refusal(403, FORBIDDEN)


@dataclass(kw_only=True)
class Meter:
    """Counts requests per minute of the given clock in named buckets."""

    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def count(self, bucket: str, now: int) -> int:
        """Note one more request; how many this minute has seen with it."""
        with self.lock:
            minute, seen = self.counts.get(bucket, (0, 0))
            seen = seen + 1 if minute == now // 60 else 1
            self.counts[bucket] = (now // 60, seen)
            return seen


def account_headers(limit: int, used: int, now: int) -> dict[str, str]:
    """The headers of the account's limit, old and new names."""
    remaining = str(max(0, limit - used))
    return {
        "X-Rate-Limit": str(limit),
        "X-Rate-Limit-Remaining": remaining,
        "ratelimit-limit": str(limit),
        "ratelimit-remaining": remaining,
        "ratelimit-reset": str(60 - now % 60),
    }


def bucket_header(limit: int, used: int, now: int) -> str:
    """The value of the header of a bucket with its own limit."""
    return f"total={limit}; remaining={max(0, limit - used)}; resets={60 - now % 60}"
