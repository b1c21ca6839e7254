-- Computes the figures that tenants are shown of their tools, for at most $1 of them. Returns for how many; 0 when
-- all are current.
select rollup.renew_tenant_figures($1) as renewed
