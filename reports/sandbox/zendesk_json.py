"""Zendesk's JSON shapes for the sandbox's values, key for key as recorded; decides nothing about paging or access."""

from datetime import UTC, datetime
from typing import Any

from reports.sandbox.zendesk_state import (
    CustomStatus,
    GroupMembership,
    MetricSet,
    TicketField,
    TicketForm,
    ZendeskGroup,
    ZendeskState,
    ZendeskTicket,
    ZendeskUser,
)

Json = dict[str, Any]

BRAND_ID = 6130830354842
ADMIN_ROLE_ID = 6130869137434


def instant(second: int) -> str:
    """A Unix second as Zendesk writes it."""
    return datetime.fromtimestamp(second, UTC).isoformat()[:19] + "Z"


def optional_instant(second: int | None) -> str | None:
    """The same, or null."""
    return None if second is None else instant(second)


def user_json(user: ZendeskUser, base: str) -> Json:
    """A user."""
    is_agent, is_admin = user.role != "end-user", user.role == "admin"
    return {
        "id": user.id,
        "url": f"{base}/api/v2/users/{user.id}.json",
        "name": user.name,
        "email": user.email,
        "created_at": instant(user.created_at),
        "updated_at": instant(user.created_at),
        "time_zone": user.time_zone,
        "iana_time_zone": user.time_zone,
        "phone": None,
        "shared_phone_number": None,
        "photo": None,
        "locale_id": 1,
        "locale": "en-US",
        "organization_id": user.organization_id,
        "role": user.role,
        "verified": is_agent,
        "external_id": None,
        "tags": [],
        "alias": None,
        "active": user.active,
        "shared": False,
        "shared_agent": False,
        "last_login_at": None,
        "two_factor_auth_enabled": None if is_agent else False,
        "signature": None,
        "details": None,
        "notes": user.notes,
        "role_type": 4 if is_admin else user.role_type,
        "custom_role_id": ADMIN_ROLE_ID if is_admin else None,
        "moderator": is_admin,
        "ticket_restriction": None if is_agent else "requested",
        "only_private_comments": user.only_private_comments,
        "restricted_agent": not is_agent,
        "suspended": user.suspended,
        "default_group_id": user.default_group_id,
        "report_csv": is_admin,
        "user_fields": {},
    }


def group_json(group: ZendeskGroup, base: str) -> Json:
    """A group."""
    return {
        "url": f"{base}/api/v2/groups/{group.id}.json",
        "id": group.id,
        "is_public": True,
        "name": group.name,
        "description": "",
        "default": group.is_default,
        "deleted": False,
        "created_at": instant(group.created_at),
        "updated_at": instant(group.created_at),
    }


def membership_json(membership: GroupMembership, base: str) -> Json:
    """A group membership."""
    return {
        "url": f"{base}/api/v2/group_memberships/{membership.id}.json",
        "id": membership.id,
        "user_id": membership.user_id,
        "group_id": membership.group_id,
        "default": membership.is_default,
        "created_at": instant(membership.created_at),
        "updated_at": instant(membership.created_at),
    }


def form_json(form: TicketForm, base: str) -> Json:
    """A ticket form."""
    return {
        "url": f"{base}/api/v2/ticket_forms/{form.id}.json",
        "id": form.id,
        "name": form.name,
        "raw_name": form.name,
        "display_name": form.name,
        "raw_display_name": form.name,
        "end_user_visible": True,
        "position": 1,
        "ticket_field_ids": [],
        "active": True,
        "default": form.is_default,
        "created_at": instant(form.created_at),
        "updated_at": instant(form.created_at),
        "in_all_brands": True,
        "restricted_brand_ids": [],
        "end_user_conditions": [],
        "agent_conditions": [],
    }


def field_json(field: TicketField, base: str) -> Json:
    """A ticket field."""
    return {
        "url": f"{base}/api/v2/ticket_fields/{field.id}.json",
        "id": field.id,
        "type": field.type,
        "title": field.title,
        "raw_title": field.title,
        "description": field.title,
        "raw_description": field.title,
        "position": 1,
        "active": True,
        "required": False,
        "collapsed_for_agents": False,
        "regexp_for_validation": None,
        "title_in_portal": field.title,
        "raw_title_in_portal": field.title,
        "visible_in_portal": False,
        "editable_in_portal": False,
        "required_in_portal": False,
        "agent_can_edit": True,
        "tag": None,
        "created_at": instant(field.created_at),
        "updated_at": instant(field.created_at),
        "removable": False,
        "key": None,
        "agent_description": None,
    }


def status_json(status: CustomStatus, base: str) -> Json:
    """A custom status."""
    return {
        "url": f"{base}/api/v2/custom_statuses/{status.id}.json",
        "id": status.id,
        "status_category": status.category,
        "agent_label": status.label,
        "raw_agent_label": status.label,
        "end_user_label": status.label,
        "raw_end_user_label": status.label,
        "description": None,
        "raw_description": None,
        "end_user_description": None,
        "raw_end_user_description": None,
        "active": status.active,
        "default": status.is_default,
        "created_at": instant(status.created_at),
        "updated_at": instant(status.created_at),
    }


def ticket_json(ticket: ZendeskTicket, base: str) -> Json:
    """A ticket as lists show it."""
    return {
        "url": f"{base}/api/v2/tickets/{ticket.id}.json",
        "id": ticket.id,
        "external_id": None,
        "via": {"channel": ticket.channel, "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": instant(ticket.created_at),
        "updated_at": instant(ticket.updated_at),
        "type": None,
        "subject": ticket.subject,
        "raw_subject": ticket.subject,
        "description": ticket.description,
        "priority": ticket.priority,
        "status": ticket.status,
        "recipient": None,
        "requester_id": ticket.requester_id,
        "submitter_id": ticket.submitter_id,
        "assignee_id": ticket.assignee_id,
        "organization_id": ticket.organization_id,
        "group_id": ticket.group_id,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "forum_topic_id": None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": list(ticket.tags),
        "custom_fields": _custom_fields(ticket),
        "satisfaction_rating": None,
        "sharing_agreement_ids": [],
        "custom_status_id": ticket.custom_status_id,
        "followup_ids": [],
        "ticket_form_id": ticket.ticket_form_id,
        "brand_id": BRAND_ID,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
        "support_type": ticket.support_type,
    }


def shown_ticket_json(ticket: ZendeskTicket, base: str) -> Json:
    """A ticket asked for by its id: `fields` repeats `custom_fields`."""
    return {**ticket_json(ticket, base), "fields": _custom_fields(ticket)}


def exported_ticket_json(ticket: ZendeskTicket, base: str, with_metrics: bool) -> Json:
    """A ticket of the incremental export."""
    body = shown_ticket_json(ticket, base) | {"generated_timestamp": ticket.generated_at}
    if with_metrics and ticket.metrics is not None:
        body["metric_set"] = metrics_json(ticket.id, ticket.metrics, base)
    return body


def metrics_json(ticket_id: int, metrics: MetricSet, base: str) -> Json:
    """The metric set of a ticket."""
    return {
        "url": f"{base}/api/v2/ticket_metrics/{_metrics_id(ticket_id)}.json",
        "id": _metrics_id(ticket_id),
        "ticket_id": ticket_id,
        "created_at": instant(metrics.created_at),
        "updated_at": instant(metrics.updated_at),
        "group_stations": metrics.group_stations,
        "assignee_stations": metrics.assignee_stations,
        "reopens": metrics.reopens,
        "replies": metrics.replies,
        "assignee_updated_at": optional_instant(metrics.assignee_updated_at),
        "requester_updated_at": optional_instant(metrics.requester_updated_at),
        "status_updated_at": optional_instant(metrics.status_updated_at),
        "initially_assigned_at": optional_instant(metrics.initially_assigned_at),
        "assigned_at": optional_instant(metrics.assigned_at),
        "solved_at": optional_instant(metrics.solved_at),
        "latest_comment_added_at": optional_instant(metrics.latest_comment_added_at),
        "reply_time_in_minutes": _minutes(metrics.reply_minutes),
        "first_resolution_time_in_minutes": _minutes(metrics.first_resolution_minutes),
        "full_resolution_time_in_minutes": _minutes(metrics.full_resolution_minutes),
        "agent_wait_time_in_minutes": _minutes(metrics.agent_wait_minutes),
        "requester_wait_time_in_minutes": _minutes(metrics.requester_wait_minutes),
        "on_hold_time_in_minutes": _minutes(metrics.on_hold_minutes),
        "reply_time_in_seconds": {"calendar": None if metrics.reply_minutes is None else metrics.reply_minutes * 60},
    }


def anonymous_json() -> Json:
    """Who a request without credentials is."""
    return {"user": {"id": None, "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user", "active": None}}


def me_json(state: ZendeskState, user_id: int, base: str) -> Json:
    """The user behind a token; Zendesk adds a secret to this answer, which nobody may copy."""
    return {"user": user_json(state.users[user_id], base) | {"authenticity_token": "sandbox-authenticity-token"}}


def _custom_fields(ticket: ZendeskTicket) -> list[Json]:
    return [{"id": field_id, "value": value} for field_id, value in ticket.custom_fields]


def _metrics_id(ticket_id: int) -> int:
    return 9_000_000_000 + ticket_id


def _minutes(value: int | None) -> Json:
    return {"calendar": value, "business": value}
