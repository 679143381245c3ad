"""Zendesk's JSON shapes for updates and metric events, as recorded in 2026; paging is decided elsewhere."""

from collections.abc import Mapping

from reports.sandbox.zendesk_json import Json, instant
from reports.sandbox.zendesk_promises import SlaPolicy
from reports.sandbox.zendesk_state import SYSTEM, Comment, FieldChange, MetricEvent, TicketUpdate

#: Fields whose ids the export of ticket events writes as text.
_IDS_AS_TEXT = frozenset({"ticket_form_id", "custom_status_id", "organization_id", "brand_id"})
#: What it writes for a field that was not set, where that is not null.
_UNSET = {"priority": "0", "satisfaction_score": "unoffered"}


def update_json(update: TicketUpdate, with_comments: bool) -> Json:
    """An update of the ticket event export; comments only with the sideload, else as two booleans."""
    return {
        "id": update.id,
        "ticket_id": update.ticket_id,
        "timestamp": update.at,
        "created_at": instant(update.at),
        "updater_id": update.updater_id,
        "via": update.via,
        "system": _system(update),
        **({"metadata": {"system": _system(update), "custom": {}}} if with_comments else {}),
        "event_type": "Audit",
        "child_events": [
            _comment_json(child, update, with_comments) if isinstance(child, Comment) else _change_json(child, update)
            for child in update.children
        ],
    }


def metric_event_json(event: MetricEvent, policies: Mapping[int, SlaPolicy]) -> Json:
    """A ticket metric event."""
    body: Json = {
        "id": event.id,
        "ticket_id": event.ticket_id,
        "metric": event.metric,
        "instance_id": event.instance_id,
        "type": event.type,
        "time": instant(event.at if event.happened_at is None else event.happened_at),
    }
    if event.type == "apply_sla" and event.target is not None:
        policy = policies.get(event.policy_id or 0)
        shown = {"id": policy.id, "title": policy.title, "description": policy.description} if policy else None
        body["sla"] = {
            "target": event.target,
            "business_hours": event.in_business_hours,
            "policy": shown,
            "target_in_seconds": event.target * 60,
        }
    if event.type == "update_status":
        body["status"] = {"calendar": event.minutes, "business": event.minutes}
    if event.type == "breach" or event.deleted:
        body["deleted"] = event.deleted
    return body


def _system(update: TicketUpdate) -> Json:
    if update.updater_id == SYSTEM:
        return {}
    return {
        "client": "CANARY browser",
        "ip_address": "192.0.2.7",
        "location": "CANARY, Example Land",
        "latitude": 0.1,
        "longitude": 0.1,
    }


def _comment_json(comment: Comment, update: TicketUpdate, with_comments: bool) -> Json:
    if not with_comments:
        return {
            "id": comment.id,
            "via": update.via,
            "via_reference_id": None,
            "comment_present": True,
            "comment_public": comment.public,
            "event_type": "Comment",
        }
    return {
        "id": comment.id,
        "via": {"channel": update.via.lower(), "source": {"from": {}, "to": {}, "rel": None}},
        "via_reference_id": None,
        "type": "Comment",
        "author_id": comment.author_id,
        "body": comment.body,
        "html_body": f'<div class="zd-comment" dir="auto"><p dir="auto">{comment.body}</p></div>',
        "plain_body": comment.body,
        "public": comment.public,
        "attachments": [],
        "audit_id": update.id,
        "created_at": instant(update.at),
        "comment_present": True,
        "comment_public": comment.public,
        "event_type": "Comment",
    }


def _change_json(change: FieldChange, update: TicketUpdate) -> Json:
    """A changed field as a key of its own: tags with what came and went, fields that the account made by their id."""
    is_first = update.created and change.previous is None
    body: Json = {
        "id": change.id,
        "via": update.via,
        "via_reference_id": None,
        "event_type": "Create" if is_first else "Change",
    }
    if change.field == "tags":
        now, before = str(change.value or "").split(), str(change.previous or "").split()
        added, removed = [tag for tag in now if tag not in before], [tag for tag in before if tag not in now]
        return body | {"tags": now, "added_tags": added, "removed_tags": removed}
    if not is_first:
        body["previous_value"] = _previous(change)
    if change.field.isdecimal():
        return body | {"custom_ticket_fields": {change.field: change.value}}
    as_text = change.field in _IDS_AS_TEXT and change.value is not None
    return body | {change.field: str(change.value) if as_text else change.value}


def _previous(change: FieldChange) -> str | None:
    return _UNSET.get(change.field) if change.previous is None else str(change.previous)
