-- Finds the messages about one incident.
create index incident_messages_by_incident on ops.incident_messages (incident_id, notified_at);
