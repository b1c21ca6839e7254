-- Writes down how far a job has come, and prolongs its lease.
update ops.jobs set
  percent = coalesce($3::real, percent),
  progress = coalesce($4, progress),
  leased_until = greatest(leased_until, now() + make_interval(secs => $5::integer)),
  changed_at = now()
where job_id = $2 and status = 'processing' and lease_id = $1
returning job_id
