-- The facts as a connector would have put them into PostgreSQL, with the indexes that one would add. Every time is UTC.

CREATE TABLE ticket (id bigint PRIMARY KEY, created_at timestamp, status text, assignee_id bigint);
CREATE TABLE ticket_field_history (
    id bigint, ticket_id bigint, field_name text, updated timestamp, value text, user_id bigint
);
CREATE TABLE ticket_comment (id bigint, ticket_id bigint, created timestamp, public boolean, user_id bigint);
CREATE TABLE users (id bigint PRIMARY KEY, role text, name text);
CREATE TABLE schedule (id bigint, time_zone text, start_time int, end_time int);

CREATE FUNCTION local_day(moment timestamp) RETURNS date IMMUTABLE PARALLEL SAFE
RETURN CAST(timezone(:'zone', timezone('UTC', moment)) AS date);
