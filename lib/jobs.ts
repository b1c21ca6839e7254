import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { addJobAlarms } from './alarms/job-alarms.ts';
import { Collect } from './jobs/collect.ts';
import { JobQueue } from './jobs/job-queue.ts';
import { JobsStore, type JobsStoreProps } from './jobs/jobs-store.ts';
import { Worker } from './jobs/worker.ts';
import { addMissedStarts, type Schedule } from './schedule.ts';
import type { DeployedJobSettings } from './settings/job-settings.ts';

interface JobsProps extends JobsStoreProps {
  readonly jobs: DeployedJobSettings;
  readonly calls: logs.ILogGroup;
}

/** Adds what jobs need, and their alarms, where the settings have jobs. */
export const addJobs = (
  scope: Construct,
  { alarms, ...props }: Omit<JobsProps, 'jobs'> & { readonly alarms: AlarmContext },
): Jobs | undefined => {
  const { jobs } = props.deployment.settings;
  if (!jobs) return undefined;
  const added = new Jobs(scope, 'Jobs', { ...props, jobs });
  addJobAlarms(scope, alarms, added);
  return added;
};

/** queue → collect → jobs → store, and worker → jobs and tools. */
class Jobs extends Construct {
  /** Takes accepted jobs, and holds them until the store has them. */
  readonly queue: JobQueue;
  readonly store: JobsStore;
  readonly collect: Collect;
  readonly worker: Worker;
  /** Starts that failed, of the worker and of schedules of jobs, apart from those of the pipeline. */
  readonly missedStarts: sqs.Queue;
  /** The worker's. */
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { jobs, calls, ...store }: JobsProps) {
    super(scope, id);
    const { deployment } = store;
    this.missedStarts = addMissedStarts(this);
    this.queue = new JobQueue(this, 'Queue');
    this.store = new JobsStore(this, 'Store', store);
    const shared = { deployment, jobs, store: this.store.function, missedStarts: this.missedStarts };
    this.worker = new Worker(this, 'Worker', { ...shared, calls });
    this.collect = new Collect(this, 'Collect', { ...shared, queue: this.queue, worker: this.worker.function });
    this.schedule = this.worker.schedule;
  }
}
