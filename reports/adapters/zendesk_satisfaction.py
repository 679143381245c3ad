"""What customers thought of tickets, from whichever of two APIs an account has; their words are never decoded.

Accounts have satisfaction ratings or, since 2025, survey responses. Which one is found out by asking, remembered in the cursor,
and asked again after a week: a plan may change.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from reports.adapters.zendesk_access import ZendeskClient
from reports.core.facts import SatisfactionRating
from reports.core.weeks import Window
from reports.ports import Page

#: Ratings may show up a little late.
_OVERLAP = timedelta(hours=1)
_FIND_OUT_AGAIN_AFTER = timedelta(days=6, hours=12)
#: Surveys are listed by when they were sent, and can be answered and changed for 28 days.
_ANSWERABLE = timedelta(days=29)
#: All that can still be answered is read, so not with every run of a day.
_SURVEYS_AGAIN_AFTER = timedelta(hours=20)
_SCORES = ("good", "bad")
_RATINGS, _SURVEYS, _NONE = "ratings", "surveys", "none"

_Facts = tuple[SatisfactionRating, ...]


class _Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the cursor remembers: the API in use (empty: both were empty), until when it was read, when that was found out."""

    api: str = ""
    until: datetime
    found_out: datetime


class _Meta(msgspec.Struct, frozen=True):
    has_more: bool = False
    after_cursor: str | None = None


class _Rating(msgspec.Struct, frozen=True):
    id: int | str
    ticket_id: int
    score: str
    created_at: datetime
    updated_at: datetime | None = None
    assignee_id: int | None = None


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    meta: _Meta = _Meta()


class _RatingPage(_Page, frozen=True):
    satisfaction_ratings: list[_Rating]


class _Subject(msgspec.Struct, frozen=True):
    type: str = ""
    id: str = ""


class _Question(msgspec.Struct, frozen=True):
    sub_type: str | None = None


class _Answer(msgspec.Struct, frozen=True):
    type: str = ""
    rating_category: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    question: _Question = _Question()


class _Survey(msgspec.Struct, frozen=True):
    id: str
    subjects: list[_Subject] = []
    answers: list[_Answer] = []


class _SurveyPage(_Page, frozen=True):
    survey_responses: list[_Survey]


P = TypeVar("P", bound=_Page)

_READING = msgspec.json.Decoder(_Reading)
_RATING_PAGE = msgspec.json.Decoder(_RatingPage)
_SURVEY_PAGE = msgspec.json.Decoder(_SurveyPage)


class SatisfactionReader:
    """Reads ratings since the last reading."""

    def __init__(self, client: ZendeskClient) -> None:
        self._client = client

    def pages(self, stream: str, window: Window, cursor: str | None, now: datetime) -> Iterator[Page]:
        """Pages from the last reading or the window's start on; the cursor moves when all of them are read."""
        last = _READING.decode(cursor) if cursor else None
        if last and last.api == _SURVEYS and now - last.until < _SURVEYS_AGAIN_AFTER:
            yield Page(stream=stream, facts=(), cursor=cursor or "", until=last.until)
            return
        since = last.until - _OVERLAP if last else window.start
        known = last if last and last.api and now - last.found_out < _FIND_OUT_AGAIN_AFTER else None
        found, refused = known.api if known else "", 0
        for api in (known.api,) if known else (_RATINGS, _SURVEYS):
            for facts in self._read(api, since, must_be_there=known is not None):
                if facts is None:
                    refused += 1
                elif facts:
                    found = api
                    yield Page(stream=stream, facts=facts, cursor=cursor or "", until=None)
            if found:
                break
        reading = _Reading(api=_NONE if refused == 2 else found, until=now, found_out=known.found_out if known else now)
        yield Page(stream=stream, facts=(), cursor=msgspec.json.encode(reading).decode(), until=now)

    def _read(self, api: str, since: datetime, *, must_be_there: bool) -> Iterator[_Facts | None]:
        """Pages of ratings; None where the account has no such API."""
        if api == _RATINGS:
            query: dict[str, str | int] = {"score": "received", "start_time": int(since.timestamp()), "page[size]": 100}
            ratings = self._pages("satisfaction_ratings.json", query, _RATING_PAGE, must_be_there)
            yield from (None if page is None else tuple(map(_of_rating, page.satisfaction_ratings)) for page in ratings)
        elif api == _SURVEYS:
            sent_since = int((since - _ANSWERABLE).timestamp() * 1000)
            # More than fifty are refused.
            asked = {"filter[created_at_start]": sent_since, "page[size]": 50}
            surveys = self._pages("guide/survey_responses", asked, _SURVEY_PAGE, must_be_there)
            yield from (None if page is None else tuple(_of_surveys(page.survey_responses, since)) for page in surveys)

    def _pages(
        self, path: str, query: Mapping[str, str | int], decoder: "msgspec.json.Decoder[P]", must_be_there: bool
    ) -> Iterator[P | None]:
        ask = self._client.get if must_be_there else self._client.get_if_offered
        place: Mapping[str, str] = {}
        while True:
            page = ask(path, {**query, **place}, decoder)
            yield page
            if page is None or not page.meta.has_more or page.meta.after_cursor is None:
                return
            place = {"page[after]": page.meta.after_cursor}


def _of_rating(rating: _Rating) -> SatisfactionRating:
    return SatisfactionRating(
        id=str(rating.id),
        ticket_id=rating.ticket_id,
        at=rating.updated_at or rating.created_at,
        score=rating.score,
        assignee_id=rating.assignee_id,
    )


def _of_surveys(surveys: Sequence[_Survey], since: datetime) -> Iterator[SatisfactionRating]:
    for survey in surveys:
        tickets = [int(subject.id) for subject in survey.subjects if subject.type == "ticket" and subject.id.isdecimal()]
        for answer in survey.answers:
            at = answer.updated_at or answer.created_at
            is_rating = answer.type == "rating_scale" and answer.question.sub_type in (None, "customer_satisfaction")
            if tickets and is_rating and answer.rating_category in _SCORES and at is not None and at.astimezone(UTC) >= since:
                yield SatisfactionRating(
                    id=survey.id,
                    ticket_id=tickets[0],
                    at=at,
                    score=answer.rating_category,
                    # Surveys do not tell who had the ticket; its events do.
                    assignee_id=None,
                )
