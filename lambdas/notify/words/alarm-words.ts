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

const OF_PROVIDERS: Readonly<Record<string, AlarmWords>> = {
  failing: {
    now: (name) => `${name} fails too many of the calls that depend on it`,
    counted: (name, part) => `${name} fails: ${ofDependents(part)} fail`,
    was: (name) => `${name} was failing`,
  },
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

/** By the whole name. Those that bypass the notifier have none. */
const WHOLE: Readonly<Record<string, AlarmWords>> = {
  'drill/critical': drill,
  'drill/warning': drill,
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
  'pipeline/api-failing': plain(
    'The api fails: the page, reports and telemetry tools do not answer',
    'The api was failing',
  ),
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

const FAMILIES: Readonly<Record<string, Readonly<Record<string, AlarmWords>>>> = {
  provider: OF_PROVIDERS,
  queue: OF_QUEUES,
  probe: OF_PROBES,
  'alert-rule': OF_RULES,
};

/** What an alarm is about and what it reports: of `tool/place_order/slow` the name `place_order` and the condition `slow`. */
export const partsOf = (alarm: string): { family: string; name: string; condition: string } => {
  const [, family = '', name = '', condition = ''] = /^([^/]+)\/(.+)\/([^/]+)$/.exec(alarm) ?? [];
  return { family, name, condition };
};

const lookUp = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The words of an alarm; undefined for one of somebody else, such as `own/…`, whose description says what it means. */
export const wordsOf = (alarm: string): AlarmWords | undefined => {
  const whole = lookUp(WHOLE, alarm);
  const { family, condition } = partsOf(alarm);
  if (whole || family === '' || family === 'own' || family === 'pipeline') return whole;
  return lookUp(lookUp(FAMILIES, family) ?? OF_NAMES, condition);
};
