-- Works out what some tenants are shown of their tools. Answers how many; 0 when all are current.
select rollup.renew_tenant_figures($1) as renewed
