import { expect, test } from 'vitest';
import { headingOf } from '../../lambdas/contract/runbook.ts';
import { readRunbookHeadings } from '../../lib/alarm-audit.ts';
import { read } from '../support/source-files.ts';
import { alarmsOf, aTool, ofType, synthesize } from '../support/synthesized.ts';

const SCHEDULES = [
  { name: 'nightly', tool: 'order_status', at: 'cron(0 4 * * ? *)' },
  { name: 'hourly', tool: 'order_status', at: 'rate(1 hour)', sync: { direction: 'inbound', entityType: 'order' } },
];
const { resources } = synthesize({ jobs: { schedules: SCHEDULES } }, [aTool()]);
const PARTS = /-(jobs|collect|worker)$/;
const partsOf = (given: typeof resources) =>
  ofType(given, 'AWS::Lambda::Function').filter(({ Properties }) => PARTS.test(Properties.FunctionName));
const jobAlarms = (given: typeof resources) =>
  alarmsOf(given).flatMap(({ Properties: { AlarmName } }) => (AlarmName.startsWith('jobs/') ? [AlarmName] : []));

test('jobs are deployed only where the settings have them', () => {
  const without = synthesize({}, [aTool()]).resources;
  expect(partsOf(without)).toEqual([]);
  expect(jobAlarms(without)).toEqual([]);
  expect(partsOf(resources)).toHaveLength(3);
});

test('only the function jobs is in the network of the database, and the worker runs once at a time', () => {
  const inNetwork = partsOf(resources).filter(({ Properties }) => Properties.VpcConfig !== undefined);
  expect(inNetwork.map(({ Properties }) => Properties.Environment.Variables.DATABASE_USER)).toEqual(['toolwatch_jobs']);
  const worker = partsOf(resources).find(({ Properties }) => Properties.FunctionName.endsWith('-worker'));
  expect(worker?.Properties).toMatchObject({ ReservedConcurrentExecutions: 1, Timeout: 900 });
});

test('each schedule of jobs starts collect with its name and its time, and all share a queue for missed starts with the worker', () => {
  const targets = ofType(resources, 'AWS::Scheduler::Schedule').flatMap(({ Properties: { Target } }) =>
    Target.Input === undefined ? [] : [Target],
  );
  expect(targets.map(({ Input }) => JSON.parse(Input)).sort((a, b) => (a.schedule < b.schedule ? -1 : 1))).toEqual(
    ['hourly', 'nightly'].map((schedule) => ({ schedule, scheduled_at: '<aws.scheduler.scheduled-time>' })),
  );
  const ofWorker = ofType(resources, 'AWS::Scheduler::Schedule').filter(
    ({ Properties }) => Properties.Description === 'Makes the due jobs',
  );
  const queues = [...targets, ...ofWorker.map(({ Properties: { Target } }) => Target)].map(({ DeadLetterConfig }) =>
    JSON.stringify(DeadLetterConfig),
  );
  expect([queues.length, new Set(queues).size]).toEqual([3, 1]);
});

test('the alarms on jobs, each with its heading in the runbook; lean monitoring has those on what is lost or stands still', () => {
  const headings = readRunbookHeadings(read('docs/runbook.md'));
  const names = jobAlarms(resources);
  expect(names.filter((name) => !headings.includes(headingOf(name)))).toEqual([]);
  const thresholds = alarmsOf(resources).flatMap(({ Properties: { AlarmName, Threshold } }) =>
    AlarmName.startsWith('jobs/') ? [[AlarmName, Threshold]] : [],
  );
  expect(Object.fromEntries(thresholds)).toEqual({
    'jobs/filling': 500,
    'jobs/flooded': 1_000,
    'jobs/waiting': 600,
    'jobs/failed': 0,
    'jobs/stopped': 1,
    'jobs/uncollected': 0,
    'jobs/dead-letters': 0,
    'jobs/starts-missed': 0,
  });
  const lean = synthesize({ jobs: {}, monitoring: 'lean' }, [aTool()]).resources;
  expect(jobAlarms(lean).sort()).toEqual([
    'jobs/dead-letters',
    'jobs/failed',
    'jobs/starts-missed',
    'jobs/stopped',
    'jobs/uncollected',
  ]);
});
