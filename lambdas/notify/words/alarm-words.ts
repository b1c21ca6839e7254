import { FINDING_KINDS, type FindingKind } from '../../contract/self-check.ts';
import { toForeign } from './clean-text.ts';

/**
 * What alarms say to a person who is woken at night. One entry for each condition: `now` while it lasts, without any
 * figures; `counted` with those of the store, where calls are what it is about; `was` when it is over.
 */
interface AlarmWords {
  readonly now: (name: string) => string;
  /** `part` is `41 of 120 calls (34 %)`. */
  readonly counted?: (name: string, part: string) => string;
  readonly was: (name: string) => string;
}

const failing: AlarmWords = {
  now: (name) => `${name} fails more often than allowed`,
  counted: (name, part) => `${name} fails: ${part}`,
  was: (name) => `${name} was failing`,
};

/** By the last part of the name of an alarm about calls of one name. */
const OF_NAMES: Readonly<Record<string, AlarmWords>> = {
  failing,
  trickle: failing,
  slow: {
    now: (name) => `${name} is slow`,
    counted: (name, part) => `${name} is slow: ${part}`,
    was: (name) => `${name} was slow`,
  },
  'very-slow': {
    now: (name) => `${name} is very slow, and clients give up waiting`,
    counted: (name, part) => `${name} is very slow: ${part}`,
    was: (name) => `${name} was very slow`,
  },
  'new-errors': {
    now: (name) => `${name} fails in a new way`,
    was: (name) => `${name} was failing in a new way`,
  },
  silent: {
    now: (name) => `${name} is not called any more, although it is normally in constant use`,
    was: (name) => `${name} was not called`,
  },
  killed: {
    now: (name) => `${name} is killed, or throws, before it can answer`,
    was: (name) => `${name} was being killed`,
  },
  'lines-missing': {
    now: (name) => `${name} runs without writing its lines, so alarms do not see those calls`,
    was: (name) => `${name} did not write all of its lines`,
  },
  'no-lines': {
    now: (name) => `${name} has run for a day without a line, so alarms do not see its calls`,
    was: (name) => `${name} wrote no lines`,
  },
  'callers-at-fault': {
    now: (name) => `Callers make far more mistakes with ${name} than usual`,
    counted: (name, part) => `Callers make far more mistakes with ${name} than usual: ${part}`,
    was: (name) => `Callers made far more mistakes with ${name} than usual`,
  },
  'burning-fast': {
    now: (name) => `${name} fails so often that its error budget of a month is gone within days`,
    counted: (name, part) => `${name} uses up its error budget within days: ${part} failed`,
    was: (name) => `${name} was using up its error budget`,
  },
  'burning-slowly': {
    now: (name) => `${name} fails so often that its error budget of a month is gone in ten days`,
    counted: (name, part) => `${name} uses up its error budget too early: ${part} failed`,
    was: (name) => `${name} was using up its error budget`,
  },
  'calls-vanished': {
    now: (name) => `${name} has far fewer calls than usual at this time of day`,
    was: (name) => `${name} had far fewer calls than usual`,
  },
};

/** `41 of 120 calls that depend on it (34 %)` */
const ofDependents = (part: string): string => part.replace(' (', ' that depend on it (');

const failingProvider: AlarmWords = {
  now: (name) => `${name} fails too many of the calls that depend on it`,
  counted: (name, part) => `${name} fails: ${ofDependents(part)} fail`,
  was: (name) => `${name} was failing`,
};

const OF_PROVIDERS: Readonly<Record<string, AlarmWords>> = {
  degraded: failingProvider,
  failing: failingProvider,
  down: {
    now: (name) => `${name} is down: it fails most of the calls that depend on it`,
    counted: (name, part) => `${name} is down: ${ofDependents(part)} fail`,
    was: (name) => `${name} was down`,
  },
};

const OF_QUEUES: Readonly<Record<string, AlarmWords>> = {
  filling: {
    now: (name) => `More messages wait in the queue ${name} than should`,
    was: (name) => `Too many messages were waiting in the queue ${name}`,
  },
  flooded: {
    now: (name) => `The queue ${name} is flooded: its workers are gone or far too slow`,
    was: (name) => `The queue ${name} was flooded`,
  },
  waiting: {
    now: (name) => `Messages wait too long in the queue ${name}`,
    was: (name) => `Messages were waiting too long in the queue ${name}`,
  },
};

const OF_PROBES: Readonly<Record<string, AlarmWords>> = {
  silent: {
    now: (name) => `The probe ${name} reports nothing, so what it checks is unchecked`,
    was: (name) => `The probe ${name} was silent`,
  },
};

const OF_CHANNELS: Readonly<Record<string, AlarmWords>> = {
  dead: {
    now: (name) => `The ${name} refuses everything, and no notice reaches it`,
    was: (name) => `The ${name} was refusing everything`,
  },
  'dead-letters': {
    now: (name) => `Notices for the ${name} could not be delivered, and are retained`,
    was: (name) => `Notices for the ${name} could not be delivered`,
  },
  waiting: {
    now: (name) => `A notice for the ${name} waits too long`,
    was: (name) => `A notice for the ${name} was waiting too long`,
  },
};

const OF_HOOKS: Readonly<Record<string, AlarmWords>> = {
  refused: {
    now: (name) => `Most requests of the ${name} are refused, because their signature or its time is wrong`,
    was: (name) => `Most requests of the ${name} were refused`,
  },
};

const holding: AlarmWords = {
  now: (name) => `The alert rule ${name} holds`,
  was: (name) => `The alert rule ${name} held`,
};

const OF_RULES: Readonly<Record<string, AlarmWords>> = {
  critical: holding,
  warning: holding,
  'not-evaluated': {
    now: (name) => `The alert rule ${name} cannot be evaluated`,
    was: (name) => `The alert rule ${name} could not be evaluated`,
  },
};

const drill: AlarmWords = {
  now: () => 'Drill: nothing is wrong, and this message shows that messages arrive',
  was: () => 'Drill: nothing was wrong, and the message about it arrived',
};

const plain = (now: string, was: string): AlarmWords => ({ now: () => now, was: () => was });

/** By the whole name. The direct path, which bypasses the notifier, has none. */
const WHOLE: Readonly<Record<string, AlarmWords>> = {
  'drill/critical': drill,
  'drill/warning': drill,
  'pipeline/notifier-stopped': plain(
    'The notifier does not work: people are notified by the direct path, and channels get nothing',
    'The notifier was not working',
  ),
  'pipeline/notifier-failing': plain(
    'Runs of the notifier fail now and then, so messages arrive late',
    'Runs of the notifier were failing',
  ),
  'pipeline/notifications-unread': plain(
    'The notifier has not read some notifications or custom notices, which wait in a queue',
    'Some notifications were not read',
  ),
  'pipeline/notifications-undelivered': plain(
    'A notification did not reach one of its recipients',
    'Notifications were not reaching a recipient',
  ),
  'pipeline/drill-unheard': plain(
    'The drill did not arrive everywhere, and the next alarm would not either',
    'The drill did not arrive everywhere',
  ),
  'monitoring/off': plain('Something of the monitoring is off', 'Something of the monitoring was off'),
  'monitoring/unchecked': plain(
    'The self-check does not run, so nobody knows whether something of the monitoring is off',
    'The self-check was not running',
  ),
  'hooks/failing': plain(
    'Hooks are not taken, by our own fault, and not every sender sends them again',
    'Hooks were not taken, by our own fault',
  ),
  'pipeline/lines-malformed': plain(
    'CloudWatch cannot read some lines, so alarms do not see those calls',
    'CloudWatch could not read some lines',
  ),
  'pipeline/telemetry-dropped': plain('Lines or fields of calls are lost before they are written', 'Lines were lost'),
  'pipeline/delivery-failing': plain(
    'CloudWatch Logs cannot deliver lines of calls to ingest',
    'Lines of calls were not delivered to ingest',
  ),
  'pipeline/ingest-failing': plain('Ingest fails, so new calls do not reach the store', 'Ingest was failing'),
  'pipeline/ingest-behind': plain('Ingest is minutes behind: it has too much to store', 'Ingest was behind'),
  'pipeline/ingest-rejecting': plain(
    'Some calls cannot be stored or counted, and are put aside',
    'Calls were put aside',
  ),
  'pipeline/ingest-lagging': plain(
    'Calls reach the store more than ten minutes late',
    'Calls were reaching the store late',
  ),
  'pipeline/payloads-kept': plain(
    'Calls that could not be stored wait in a bucket to be replayed',
    'Calls that could not be stored were waiting to be replayed',
  ),
  'pipeline/payloads-expiring': plain(
    'Calls that wait to be replayed will be deleted in two weeks',
    'Calls that wait to be replayed were about to be deleted',
  ),
  'pipeline/payloads-lost': plain(
    'Calls are lost to the store, and are only in the log',
    'Calls were being lost to the store',
  ),
  'pipeline/spans-unsent': plain(
    'Some calls do not reach the receiver of OpenTelemetry, and are only in the log and the store',
    'Some calls did not reach the receiver of OpenTelemetry',
  ),
  'jobs/filling': plain('More jobs are due than should be', 'Too many jobs were due'),
  'jobs/flooded': plain(
    'Jobs come far faster than the worker makes them',
    'Jobs were coming far faster than the worker makes them',
  ),
  'jobs/waiting': plain('Jobs wait too long', 'Jobs were waiting too long'),
  'jobs/failed': plain('A job has failed for good, and waits for somebody', 'A job had failed for good'),
  'jobs/stopped': plain('No job is made: the worker or the store does not work', 'No job was being made'),
  'jobs/uncollected': plain(
    'Accepted jobs do not reach the store, and wait in a queue',
    'Accepted jobs were not reaching the store',
  ),
  'jobs/dead-letters': plain('Jobs that cannot be stored are in a queue', 'Jobs that cannot be stored were in a queue'),
  'jobs/starts-missed': plain(
    'The job of a schedule was not made, or the worker not started',
    'A schedule of jobs was missing its starts',
  ),
  'pipeline/store-down': plain('The database does not answer; calls are safe in the log', 'The database was down'),
  'pipeline/gateway-failing': plain('The gateway fails, so clients reach no tool', 'The gateway was failing'),
  'pipeline/door-shut': plain(
    'The front door reaches nothing behind it, so clients reach no tool',
    'The front door was shut',
  ),
  'pipeline/requests-throttled': plain(
    'Callers are refused (429), because together they send too much',
    'Callers were being refused (429)',
  ),
  'pipeline/everybody-refused': plain(
    'The front door refuses nearly everybody, so no client can sign in',
    'The front door was refusing nearly everybody',
  ),
  'pipeline/incomplete': plain('Calls are missing from the metrics or the store', 'Calls were missing'),
  'pipeline/refresh-silent': plain(
    'Refresh does not succeed: the page and reports are out of date',
    'Refresh was not succeeding',
  ),
  'pipeline/refresh-failing': plain('Refresh fails: the page and reports fall behind', 'Refresh was failing'),
  'pipeline/roll-ups-behind': plain(
    'Stored calls are not counted: the page and reports lack them',
    'Stored calls were not being counted',
  ),
  'pipeline/retention-failing': plain('Retention fails: old days are not dropped', 'Retention was failing'),
  'pipeline/retention-silent': plain('Retention has not run for two days: the disk fills', 'Retention was not running'),
  'pipeline/archive-failing': plain('The archive fails: old days are not dropped', 'The archive was failing'),
  'pipeline/archive-overdue': plain('Old days are not archived, so the disk fills', 'Old days were not archived'),
  'pipeline/api-failing': plain(
    'The api fails: the page, reports and telemetry tools do not answer',
    'The api was failing',
  ),
  'pipeline/report-failed': plain('The report of this week was not sent', 'The report of a week was not sent'),
  'pipeline/starts-missed': plain('A schedule could not start its function', 'A schedule was missing its starts'),
  'pipeline/database-full': plain('The database is nearly full', 'The database was nearly full'),
  'pipeline/database-filling': plain(
    'The database will be full within 30 days if it grows as it does',
    'The database was filling too fast',
  ),
  'pipeline/database-connections': plain(
    'The database has more connections than our functions may hold',
    'The database had too many connections',
  ),
  'pipeline/database-tired': plain('The database needs more processor than it has', 'The database was overloaded'),
};

/** By the kind of a finding of the self-check; its message says which, and what to do. */
const OF_FINDINGS: Readonly<Record<FindingKind, (name: string) => AlarmWords>> = {
  schedule: (name) =>
    plain(
      `The schedule of ${name} does not start its function`,
      `The schedule of ${name} was not starting its function`,
    ),
  subscription: (name) => plain(`Lines of ${name} are not handed over`, `Lines of ${name} were not handed over`),
  actions: (name) =>
    plain(
      `The alarm ${name} notifies nobody: its actions are switched off`,
      `The actions of ${name} were switched off`,
    ),
  recipients: (name) =>
    plain(`Somebody does not get ${name} notifications`, `Somebody was not getting ${name} notifications`),
  mute: () => plain('A mute may have been forgotten', 'A mute seemed to be forgotten'),
  check: (name) => plain(`The self-check cannot read ${name}`, `The self-check could not read ${name}`),
};

const MAX_FINDING = 80;

const wordsOfFinding = (alarm: string): AlarmWords | undefined => {
  const [, kind = '', name = ''] = /^monitoring\/off\/([^/]+)\/(.+)$/.exec(alarm) ?? [];
  const words = (FINDING_KINDS as readonly string[]).includes(kind) ? OF_FINDINGS[kind as FindingKind] : undefined;
  // A mute or an alarm of somebody else may have any name.
  return words?.(toForeign(name.split('/').join(' '), MAX_FINDING));
};

const FAMILIES: Readonly<Record<string, Readonly<Record<string, AlarmWords>>>> = {
  provider: OF_PROVIDERS,
  queue: OF_QUEUES,
  probe: OF_PROBES,
  'alert-rule': OF_RULES,
  channel: OF_CHANNELS,
  hook: OF_HOOKS,
  hooks: OF_HOOKS,
};

/**
 * What an alarm is about and what it reports: of `tool/place_order/slow` the name `place_order` and the condition
 * `slow`.
 */
export const partsOf = (alarm: string): { family: string; name: string; condition: string } => {
  const [, family = '', name = '', condition = ''] = /^([^/]+)\/(.+)\/([^/]+)$/.exec(alarm) ?? [];
  return { family, name, condition };
};

const lookUp = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The words of an alarm; undefined for one of somebody else, such as `own/…`, whose description says what it means. */
export const wordsOf = (alarm: string): AlarmWords | undefined => {
  const whole = lookUp(WHOLE, alarm) ?? wordsOfFinding(alarm);
  const { family, condition } = partsOf(alarm);
  if (whole || family === '' || family === 'own' || family === 'pipeline' || family === 'monitoring') return whole;
  return lookUp(lookUp(FAMILIES, family) ?? OF_NAMES, condition);
};
