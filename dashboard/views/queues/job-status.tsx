import type { JobStatus } from '../../../lambdas/contract/jobs/job.ts';
import { Badge } from '../../parts/status.tsx';

/** How a job stands, in words. */
const STATUS_WORDS: Readonly<Record<JobStatus, string>> = {
  pending: 'waits',
  processing: 'runs',
  processed: 'made',
  error: 'failed',
  quarantined: 'in quarantine',
};

const TONES: Readonly<Record<JobStatus, string>> = {
  pending: 'quiet',
  processing: 'quiet',
  processed: 'healthy',
  error: 'critical',
  quarantined: 'warning',
};

export const JobStatusBadge = ({ status }: { status: JobStatus }) => (
  <Badge tone={TONES[status]}>{STATUS_WORDS[status]}</Badge>
);
