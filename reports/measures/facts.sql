-- The facts as the store keeps them, each row once; the engine fills these tables. Every time is UTC.

CREATE TEMP TABLE stored_merge_requests (
    id VARCHAR, area VARCHAR, project VARCHAR, iid BIGINT, author VARCHAR, title VARCHAR, url VARCHAR, labels VARCHAR[],
    merged_at TIMESTAMP
);
CREATE TEMP TABLE stored_work_items (
    id VARCHAR, area VARCHAR, project VARCHAR, iid BIGINT, author VARCHAR, assignees VARCHAR[], title VARCHAR, url VARCHAR,
    labels VARCHAR[], created_at TIMESTAMP, closed_at TIMESTAMP, closed_by VARCHAR, tasks BIGINT, tasks_done BIGINT
);
CREATE TEMP TABLE stored_work_item_events (
    id VARCHAR, item VARCHAR, "at" TIMESTAMP, actor VARCHAR, kind VARCHAR, label VARCHAR
);
CREATE TEMP TABLE stored_user_events (
    id VARCHAR, author VARCHAR, "at" TIMESTAMP, action VARCHAR, target VARCHAR, project VARCHAR, url VARCHAR
);
CREATE TEMP TABLE stored_tickets (
    id BIGINT, url VARCHAR, status VARCHAR, priority VARCHAR, ticket_form VARCHAR, assignee_id BIGINT, tags VARCHAR[],
    created_at TIMESTAMP, solved_at TIMESTAMP, seen_at TIMESTAMP, group_id BIGINT, custom_status_id BIGINT,
    has_organization BOOLEAN, reopens BIGINT, reply_minutes BIGINT, reply_business_minutes BIGINT, waiting_minutes BIGINT,
    pending_minutes BIGINT, on_hold_minutes BIGINT
);
CREATE TEMP TABLE stored_ticket_events (
    id BIGINT, ticket_id BIGINT, "at" TIMESTAMP, actor_id BIGINT, kind VARCHAR, old VARCHAR, new VARCHAR, created BOOLEAN
);
CREATE TEMP TABLE stored_ticket_metric_events (
    id BIGINT, ticket_id BIGINT, "at" TIMESTAMP, metric VARCHAR, instance BIGINT, kind VARCHAR, policy_id BIGINT,
    target_seconds BIGINT, in_business_hours BOOLEAN, is_deleted BOOLEAN
);
CREATE TEMP TABLE stored_agents (
    id BIGINT, role VARCHAR, is_active BOOLEAN, is_bot BOOLEAN, seen_at TIMESTAMP
);
CREATE TEMP TABLE stored_agent_groups (
    id BIGINT, name VARCHAR, seen_at TIMESTAMP
);
CREATE TEMP TABLE stored_agent_group_memberships (
    id BIGINT, agent_id BIGINT, group_id BIGINT, seen_at TIMESTAMP
);
CREATE TEMP TABLE stored_custom_statuses (
    id BIGINT, category VARCHAR, is_active BOOLEAN, seen_at TIMESTAMP
);
CREATE TEMP TABLE stored_sla_targets (
    policy_id BIGINT, metric VARCHAR, priority VARCHAR, target_seconds BIGINT, in_business_hours BOOLEAN, seen_at TIMESTAMP
);
CREATE TEMP TABLE stored_business_hours (
    schedule_id BIGINT, valid_from TIMESTAMP, is_default BOOLEAN, time_zone VARCHAR, opens BIGINT[], closes BIGINT[],
    holidays VARCHAR[]
);
CREATE TEMP TABLE stored_satisfaction_ratings (
    id VARCHAR, ticket_id BIGINT, "at" TIMESTAMP, score VARCHAR, assignee_id BIGINT
);
CREATE TEMP TABLE stored_on_call_pages (
    id VARCHAR, responder_id VARCHAR, "at" TIMESTAMP, url VARCHAR
);

-- The engineers, with the id of Zendesk that stands for all of theirs; then every account they have, one row each.
CREATE TEMP TABLE people (username VARCHAR, zendesk_id BIGINT, name VARCHAR);
CREATE TEMP TABLE accounts (username VARCHAR, gitlab_username VARCHAR);
CREATE TEMP TABLE agents_of (username VARCHAR, zendesk_id BIGINT, main_id BIGINT);
CREATE TEMP TABLE pagers (username VARCHAR, pagerduty_id VARCHAR);
