-- Finds the newest operations at outside systems, of all or of one domain, among the calls of many days. Only calls that
-- name a domain pay for it.
create index calls_by_domain on analytics.invocations (started_at, domain) where domain is not null;
