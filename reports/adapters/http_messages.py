"""What can be told from a request or an answer by itself: whether it only reads, whose it is, whether it is whole."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import requests

_CLOSING = {b"{": b"}", b"[": b"]"}


def is_read(request: requests.PreparedRequest) -> bool:
    """Whether sending the request again can change nothing: a GET, a GraphQL query, or asking for a token."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return True
    path = urlsplit(str(request.url)).path
    if request.method != "POST":
        return False
    return path.endswith("/oauth/tokens") or (path.endswith("/api/graphql") and _is_graphql_query(request.body))


def _is_graphql_query(body: bytes | str | Any) -> bool:
    """Errs towards a write: any mention of a mutation, even in a string, makes it one."""
    try:
        query = json.loads(body)["query"]
    except (TypeError, ValueError, KeyError):
        return False
    return isinstance(query, str) and re.search(r"\bmutation\b", query) is None


def host_of(request: requests.PreparedRequest) -> str:
    """The host that a request goes to, with its port where it has one."""
    return urlsplit(str(request.url)).netloc.rpartition("@")[2]


def is_cut_short(response: requests.Response) -> bool:
    """Whether JSON ends in the middle, although its length was as announced."""
    if response.status_code != 200 or "json" not in response.headers.get("Content-Type", ""):
        return False
    body = response.content
    closing = _CLOSING.get(body[:64].lstrip()[:1])
    return closing is not None and body[-64:].rstrip()[-1:] != closing


def bytes_received(response: requests.Response) -> int:
    """Bytes of the body as they came over the wire, packed or not."""
    on_the_wire = getattr(response.raw, "tell", None)
    return int(on_the_wire()) if on_the_wire else len(response.content)
