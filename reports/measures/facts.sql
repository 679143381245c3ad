-- The facts as the store keeps them, each row once; the engine fills these tables. Every time is UTC.

CREATE TEMP TABLE stored_merge_requests (
    id VARCHAR, area VARCHAR, project VARCHAR, iid BIGINT, author VARCHAR, title VARCHAR, url VARCHAR,
    labels VARCHAR[], merged_at TIMESTAMP
);
CREATE TEMP TABLE stored_work_items (
    id VARCHAR, area VARCHAR, project VARCHAR, iid BIGINT, author VARCHAR, assignees VARCHAR[], title VARCHAR, url VARCHAR,
    labels VARCHAR[], created_at TIMESTAMP, closed_at TIMESTAMP
);
CREATE TEMP TABLE stored_tickets (
    id BIGINT, url VARCHAR, status VARCHAR, priority VARCHAR, ticket_form VARCHAR, assignee_id BIGINT, tags VARCHAR[],
    created_at TIMESTAMP, solved_at TIMESTAMP, seen_at TIMESTAMP
);
CREATE TEMP TABLE stored_ticket_events (
    id BIGINT, ticket_id BIGINT, "at" TIMESTAMP, actor_id BIGINT, kind VARCHAR, old VARCHAR, new VARCHAR, created BOOLEAN
);
CREATE TEMP TABLE people (username VARCHAR, zendesk_id BIGINT, name VARCHAR);
