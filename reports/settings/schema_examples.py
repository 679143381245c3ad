"""An example for every key of the files in `config/`, as editors show them; of a key with a default, that is one already."""

from collections.abc import Mapping, Sequence
from typing import Any

#: By key, or by `Shape.key` where a key means something of its own there.
EXAMPLES: Mapping[str, Sequence[Any]] = {
    # keeping
    "retention": [{"raw_fact_days": 35, "weekly_result_weeks": 26}],
    # people
    "username": ["iduarte"],
    "who": ["iduarte"],
    "person": ["iduarte"],
    "name": ["Ines Duarte"],
    "email": ["iduarte@example.com"],
    "zendesk_id": [4410001],
    "other_usernames": [["iduarte-admin"]],
    "other_zendesk_ids": [[4410091]],
    "pagerduty_id": ["PABC123"],
    "level": ["intermediate"],
    "region": ["EMEA"],
    "focus": ["self_managed"],
    "focuses": [[{"name": "self_managed", "percentage": 60}, {"name": "saas", "percentage": 40}]],
    "reports_to": ["plindqvist"],
    "start_date": ["2024-02-05"],
    "time_zone": ["Europe/Lisbon"],
    "country": ["PT"],
    "subdivision": ["BY"],
    "entity": ["Acme GmbH"],
    "changes": [[{"from": "2026-11-09", "reports_to": "ohart"}]],
    "percentage": [100],
    "FocusEntry.name": ["self_managed"],
    "Organisation.name": ["Acme Support"],
    "Organisation.time_zone": ["UTC"],
    "Organisation.focuses": [["self_managed", "saas"]],
    "levels": [["associate", "intermediate", "senior"]],
    "TeamFile.organisation": [
        {"name": "Acme", "time_zone": "UTC", "levels": ["intermediate"], "regions": ["EMEA"], "focuses": ["saas"]}
    ],
    "TeamFile.managers": [
        [
            {
                "username": "plindqvist",
                "name": "Petra Lindqvist",
                "email": "plindqvist@example.com",
                "region": "EMEA",
                "time_zone": "Europe/Stockholm",
            }
        ]
    ],
    "TeamFile.people": [
        [
            {
                "username": "iduarte",
                "name": "Ines Duarte",
                "email": "iduarte@example.com",
                "zendesk_id": 4410001,
                "level": "intermediate",
                "region": "EMEA",
                "focuses": [{"name": "self_managed", "percentage": 100}],
                "reports_to": "plindqvist",
                "start_date": "2024-02-05",
                "time_zone": "Europe/Lisbon",
            }
        ]
    ],
    # days
    "from": ["2026-06-22", "2026-W26"],
    "to": ["2026-06-26", "2026-W26"],
    "week": ["2026-W45"],
    "effective_from": ["2026-01-05"],
    # goals
    "GoalsFile.defaults": [[{"when": {"level": "intermediate"}, "goals": {"new_tickets": {"target": 5, "per": "week"}}}]],
    "GoalsFile.people": [{"iduarte": [{"from": "2026-06-22", "agreed_by": ["iduarte", "plindqvist"], "goals": {}}]}],
    "agreed_by": [["iduarte", "plindqvist"]],
    "goals": [{"new_tickets": {"target": 5, "per": "week"}}],
    "when": [{"level": "intermediate"}, {}],
    "target": [5],
    "upper": [10],
    # what clouds a week
    "available_days": [4.5],
    "rotation": ["ceoc"],
    "factor": [0.5, 0],
    "ReducedEntry.label": ["account escalation"],
    "fraction": [0.5],
    "unavailable": [[{"who": "iduarte", "from": "2026-07-07", "to": "2026-07-08"}]],
    "on_call": [[{"who": "iduarte", "from": "2026-07-13", "to": "2026-07-19", "rotation": "ceoc"}]],
    "reduced": [[{"who": "iduarte", "from": "2026-07-27", "to": "2026-07-29", "factor": 0, "label": "account escalation"}]],
    "training": [[{"who": "iduarte", "from": "2026-07-27", "to": "2026-07-29"}]],
    "working_days": [[{"who": "iduarte", "from": "2026-01-05", "days": ["mon", "tue", "wed", "thu"]}]],
    "corrections": [[{"who": "iduarte", "week": "2026-W45", "available_days": 4.5}]],
    "WorkingDaysEntry.days": [["mon", "tue", "wed", "thu"]],
    # rules
    "RulesFile.gates": [[{"entity": "Acme GmbH", "agreed": {"from": "2026-09-01", "with": "works council"}}]],
    "RulesFile.rule_sets": [[{"name": "handbook-2023", "effective_from": "2023-01-01"}]],
    "RuleSetEntry.name": ["handbook-2023"],
    "with": ["works council"],
    "team": ["plindqvist"],
    "measure": ["new_tickets"],
    "agreed": [{"from": "2026-09-01", "with": "works council"}],
    "until_month": [3],
    "share": [0.5],
    "onboarding_ramp": [[{"until_month": 3, "share": 0}, {"until_month": 6, "share": 0.5}]],
    # sources
    "GitlabEntry.url": ["https://gitlab.example.com"],
    "ZendeskEntry.url": ["https://acme.zendesk.com"],
    "gitlab": [
        {
            "url": "https://gitlab.example.com",
            "product_group": "gitlab-org",
            "handbook_projects": ["gitlab-com/handbook"],
            "training_projects": ["acme/support/support-training"],
            "pairing_projects": ["acme/support/support-pairing"],
        }
    ],
    "zendesk": [{"url": "https://acme.zendesk.com"}],
    "leave_calendars": [{"addresses_from": "CALENDAR_ADDRESSES"}],
    "addresses_from": ["CALENDAR_ADDRESSES"],
    "pagerduty": [{"schedules": [{"id": "PABC123", "rotation": "ceoc"}]}],
    "schedules": [[{"id": "PABC123", "rotation": "ceoc"}]],
    "id": ["PABC123"],
    "product_group": ["gitlab-org"],
    "handbook_projects": [["gitlab-com/handbook"]],
    "training_projects": [["acme/support/support-training"]],
    "pairing_projects": [["acme/support/support-pairing"]],
    "excluded_accounts": [["support-reports-bot"]],
    "link_hosts": [["handbook.example.com"]],
    "next_update_field": [8900101],
    "escalation_tags": [["account_escalation"]],
    "schedule": ["Support hours"],
    "bots": [[4500001]],
    # queues
    "queues": [{"attention_requests": {"projects": ["acme/support/ticket-attention-requests"]}, "handovers": {}}],
    "QueuesEntry.regions": [{"EMEA": {"time_zone": "Europe/Berlin", "country": "DE"}}],
    "regions": [["AMER", "APAC", "EMEA"]],
    "attention_requests": [{"projects": ["acme/support/ticket-attention-requests"]}],
    "feedback": [{"projects": ["acme/support/feedback"]}],
    "handovers": [{}],
    "AttentionRequestsEntry.projects": [["acme/support/ticket-attention-requests"]],
    "FeedbackEntry.projects": [["acme/support/feedback"]],
    "tags": [["handed_over_to_emea"]],
    "opens": ["09:00"],
    "closes": ["17:00"],
    "UrgencyEntry.label": ["star-urgency::urgent"],
    "UrgencyEntry.hours": [0.5],
    "QueueRegionEntry.labels": [["OrganizationRegion::EMEA"]],
    # reports
    "ReportsFile.reports": [
        {
            "engineer_weekly": {
                "for": "each_engineer",
                "project": "acme/support/1-1s/{username}",
                "title": "Weekly report {week}: {name}",
                "privacy": "P3",
                "confidential": True,
            }
        }
    ],
    "project": ["acme/support/managers", "acme/support/1-1s/{username}"],
    "title": ["Weekly report {week}: {name}"],
    "labels": [["support-reports", "weekly-report"]],
    "confidential": [True],
    "links_leave_traces": [False],
}


def with_examples(shape: str, properties: Mapping[str, dict[str, Any]]) -> None:
    """Put an example to every property of a shape: the table's, else the words that it may be, else its default."""
    for key, value in properties.items():
        found = EXAMPLES.get(f"{shape}.{key}", EXAMPLES.get(key)) or value.get("enum")
        if found is None and value.get("default") not in (None, []):
            found = [value["default"]]
        if found is not None:
            value["examples"] = list(found)
