-- What is done with the tables once they are filled.

CREATE INDEX ON ticket_field_history (ticket_id, updated);
CREATE INDEX ON ticket_field_history (field_name, ticket_id, updated);
CREATE INDEX ON ticket_comment (ticket_id, created);
VACUUM ANALYZE;
