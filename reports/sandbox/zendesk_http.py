"""How the sandbox Zendesk answers: bodies as JSON, and lists page by page, by cursor or by offset; it knows no ticket."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from flask import Request, Response, request

from reports.sandbox import zendesk_paging as paging
from reports.sandbox.zendesk_auth import Refusal

PAST_DEPTH = "Pagination requests using Offset Pagination are limited to the first 100 pages"

Item = TypeVar("Item")
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


def answer(body: Body, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """A JSON answer."""
    response = Response(msgspec.json.encode(body), status, content_type="application/json; charset=utf-8")
    response.headers.update({"x-zendesk-api-version": "v2", **dict(headers)})
    return response


def base_of(asked: Request) -> str:
    """The address that a request came to."""
    return asked.host_url.rstrip("/")


def query_text(pairs: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    """Pairs as the query of an address."""
    every = pairs.items() if isinstance(pairs, Mapping) else pairs
    return "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in every)


def by_id(items: Sequence[Item]) -> list[Item]:
    """Items in the order of their ids."""
    return sorted(items, key=lambda item: getattr(item, "id"))  # noqa: B009  (every listed value has an id)


def whole(listing: Listing) -> Response:
    """A list that is never paged."""
    base = base_of(request)
    rows = [listing.shape(item, base) for item in listing.items]
    return answer({listing.name: rows, "next_page": None, "previous_page": None, "count": len(rows)})


def listed(listing: Listing) -> Response:
    """The page of a list that the request asks for."""
    return _by_cursor(listing) if any(key.startswith("page[") for key in request.args) else _by_offset(listing)


def cursor_page(listing: Listing, most: int = paging.LIST_PAGE) -> tuple[int, paging.ListPage[Any]]:
    """The page by cursor that the request asks for, and its size."""
    try:
        size = min(int(request.args.get("page[size]", most)), most)
        query = paging.ListQuery(size, _place("page[after]"), _place("page[before]"))
        return size, paging.list_page(listing.items, listing.key, listing.order, query)
    except (ValueError, TypeError):
        raise Refusal(400, {"errors": [{"code": "InvalidPaginationParameter", "title": "Invalid page parameter"}]}) from None


def _by_cursor(listing: Listing) -> Response:
    size, page = cursor_page(listing)
    base = base_of(request)
    url = f"{base}/api/v2/{listing.path}.json"
    kept = [(key, value) for key, value in request.args.items(multi=True) if not key.startswith("page[")]

    def link(side: str, cursor: str | None) -> str | None:
        return None if cursor is None else f"{url}?{query_text([*kept, (f'page[{side}]', cursor), ('page[size]', str(size))])}"

    return answer(
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
    base, count = base_of(request), len(listing.items)
    url = f"{base}/api/v2/{listing.path}.json"
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]

    def link(page: int) -> str:
        return f"{url}?{query_text([*kept, ('page', str(page))])}"

    return answer(
        {
            listing.name: [listing.shape(item, base) for item in listing.items[(number - 1) * size : number * size]],
            "next_page": link(number + 1) if number * size < count else None,
            "previous_page": link(number - 1) if number > 1 else None,
            "count": count,
        }
    )
