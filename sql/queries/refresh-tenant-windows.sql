-- Works out the windows of some tenants. Answers how many; 0 when all are current.
select rollup.renew_tenant_windows($1) as renewed
