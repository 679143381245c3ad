"""The paths of the sandbox Zendesk for business hours, SLA policies and satisfaction, shaped as the real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from reports.sandbox.zendesk_auth import Refusal, refuse_value
from reports.sandbox.zendesk_http import Body, Listing, answer, base_of, by_id, cursor_page, listed, whole
from reports.sandbox.zendesk_json import instant
from reports.sandbox.zendesk_promises import Holiday, PolicyTarget, Promises, Rating, Schedule, SlaPolicy

ADMINS, AGENTS = frozenset({"admin"}), frozenset({"admin", "agent"})
#: The most survey responses of a page.
SURVEY_PAGE = 50
NO_SUCH_ENDPOINT = {"error": "InvalidEndpoint", "description": "Not found"}
Allow = Callable[[str, frozenset[str]], None]


@dataclass(frozen=True, slots=True)
class PromisesDesk:
    """Answers requests from what was promised; `allow` refuses who may not ask."""

    promises: Promises
    allow: Allow

    def views(self) -> dict[str, Callable[..., Response]]:
        """The paths served, without suffix."""
        return {
            "business_hours/schedules": self.schedules,
            "business_hours/schedules/<int:schedule_id>/holidays": self.holidays,
            "slas/policies": self.policies,
            "satisfaction_ratings": self.ratings,
            "guide/survey_responses": self.surveys,
        }

    def schedules(self) -> Response:
        """Schedules of business hours: one answer, never paged."""
        self.allow("tickets", AGENTS)
        return whole(Listing("schedules", "business_hours/schedules", by_id(self.promises.schedules), schedule_json))

    def holidays(self, schedule_id: int) -> Response:
        """The holidays of a schedule."""
        self.allow("tickets", AGENTS)
        found = [schedule for schedule in self.promises.schedules if schedule.id == schedule_id]
        if not found:
            raise Refusal(404, {"error": "RecordNotFound", "description": "Not found"})
        return whole(Listing("holidays", f"business_hours/schedules/{schedule_id}/holidays", found[0].holidays, holiday_json))

    def policies(self) -> Response:
        """SLA policies: one answer, never paged."""
        self.allow("tickets", ADMINS)
        return whole(Listing("sla_policies", "slas/policies", by_id(self.promises.policies), policy_json))

    def ratings(self) -> Response:
        """Satisfaction ratings, of the named score, changed between two moments."""
        self.allow("satisfaction_ratings", ADMINS)
        if self.promises.ratings_by == "surveys":
            return listed(Listing("satisfaction_ratings", "satisfaction_ratings", [], rating_json))
        self._must_have("ratings")
        start, end = _number("start_time", 0), _number("end_time", 1 << 40)
        scores = {"received": ("good", "bad")}.get(request.args.get("score", ""), (request.args.get("score"),))
        wanted = [
            rating
            for rating in by_id(self.promises.ratings)
            if start <= rating.rated_at <= end and (scores == (None,) or rating.score in scores)
        ]
        return listed(Listing("satisfaction_ratings", "satisfaction_ratings", wanted, rating_json))

    def surveys(self) -> Response:
        """Survey responses, answered or not, of surveys that were sent between two moments in milliseconds."""
        self.allow("satisfaction_ratings", AGENTS)
        self._must_have("surveys")
        start, end = _number("filter[created_at_start]", 0), _number("filter[created_at_end]", 1 << 60)
        sent = [rating for rating in by_id(self.promises.ratings) if start <= rating.sent_at * 1000 <= end]
        if _number("page[size]", SURVEY_PAGE) > SURVEY_PAGE:
            raise refuse_value(400, f"page[size] must be at most {SURVEY_PAGE}")
        _, page = cursor_page(Listing("survey_responses", "guide/survey_responses", sent, survey_json), SURVEY_PAGE)
        meta = {"has_more": page.has_more, "after_cursor": page.after, "before_cursor": page.before}
        return answer({"survey_responses": [survey_json(rating, base_of(request)) for rating in page.items], "meta": meta})

    def _must_have(self, api: str) -> None:
        if self.promises.ratings_by != api:
            raise Refusal(404, NO_SUCH_ENDPOINT)


def schedule_json(schedule: Schedule, base: str) -> Body:
    """A schedule."""
    return {
        "url": f"{base}/api/v2/business_hours/schedules/{schedule.id}.json",
        "id": schedule.id,
        "name": schedule.name,
        "time_zone": schedule.time_zone,
        "created_at": instant(schedule.created_at),
        "updated_at": instant(schedule.updated_at),
        "intervals": [{"start_time": opens, "end_time": closes} for opens, closes in schedule.intervals],
    }


def holiday_json(holiday: Holiday, base: str) -> Body:
    """A holiday."""
    return {
        "id": holiday.id,
        "name": holiday.name,
        "start_date": holiday.first.isoformat(),
        "end_date": holiday.last.isoformat(),
    }


def policy_json(policy: SlaPolicy, base: str) -> Body:
    """An SLA policy."""
    return {
        "url": f"{base}/api/v2/slas/policies/{policy.id}.json",
        "id": policy.id,
        "title": policy.title,
        "description": policy.description,
        "position": 1,
        "filter": {"all": [], "any": []},
        "policy_metrics": [target_json(target) for target in policy.targets],
        "created_at": instant(policy.created_at),
        "updated_at": instant(policy.created_at),
    }


def target_json(target: PolicyTarget) -> Body:
    """What a policy promises at a priority; minutes, and seconds since messaging came."""
    return {
        "priority": target.priority,
        "metric": target.metric,
        "target": target.minutes,
        "target_in_seconds": target.minutes * 60,
        "business_hours": target.in_business_hours,
    }


def rating_json(rating: Rating, base: str) -> Body:
    """A satisfaction rating."""
    return {
        "url": f"{base}/api/v2/satisfaction_ratings/{rating.id}.json",
        "id": rating.id,
        "assignee_id": rating.assignee_id,
        "group_id": rating.group_id,
        "requester_id": rating.requester_id,
        "ticket_id": rating.ticket_id,
        "score": rating.score,
        "created_at": instant(rating.sent_at),
        "updated_at": instant(rating.rated_at),
        "comment": rating.comment,
        **({"reason": rating.comment, "reason_id": 1000} if rating.score == "bad" else {}),
    }


def survey_json(rating: Rating, base: str) -> Body:
    """A survey response; `answers` is empty until it is answered."""
    ticket, rated = str(rating.ticket_id), instant(rating.rated_at).replace("Z", ".129Z")
    said = {"created_at": rated, "updated_at": rated}
    scale = {"id": "01SANDBOXSCALE", "type": "rating_scale_numeric", "sub_type": "customer_satisfaction"}
    answers: list[Any] = [
        {
            "type": "rating_scale",
            "rating": 5 if rating.score == "good" else 1,
            "rating_category": rating.score,
            "question": scale,
            **said,
        },
        {"type": "open_ended", "value": rating.comment, "question": {"id": "01SANDBOXWORDS", "type": "open_ended"}, **said},
    ]
    return {
        "id": f"01SANDBOX{rating.id:017d}",
        "expires_at": instant(rating.sent_at + 28 * 86_400),
        "responder_id": str(rating.requester_id),
        "subject_zrns": [f"zen:ticket:{ticket}"],
        "subjects": [{"id": ticket, "type": "ticket", "zrn": f"zen:ticket:{ticket}"}],
        "survey": {"id": "01SANDBOXSURVEY", "state": "enabled", "version": 1},
        "answers": [] if rating.score == "offered" else answers,
    }


def _number(parameter: str, otherwise: int) -> int:
    text = request.args.get(parameter, str(otherwise))
    if not text.isdecimal():
        raise refuse_value(400, f"{parameter} must be a number")
    return int(text)
