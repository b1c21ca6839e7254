import { parseArgs } from 'node:util';
import { removeLeakedArguments } from '../lambdas/observe/privacy/argument-leakage.ts';
import { redactText } from '../lambdas/observe/privacy/redact.ts';
import { median } from './statistics/median.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- privacy [--rounds 9]

What a failed call costs to keep secrets and arguments out of its line, with the worst texts: those at which patterns
try again and again. Beside JSON.parse of the same arguments, which every call pays. Processor time.`;

/** As much as a request to Lambda can hold, nearly. In characters. */
const ARGUMENTS_LENGTH = 4_000_000;
const MESSAGE_LENGTH = 8_192;
/** What any call may cost beyond its work, in milliseconds. */
const MAX_MS = 50;

/** Texts of which every part may be the beginning of a secret. */
const WORST_UNITS = [
  ...['eyJ', 'a://', 'a://b@', 'key=', 'a=', 'password=', '"password":"', '<password>', '&quot;', '%25', '\\\\', '\\"'],
  ...['-----BEGIN A-----', '1 ', 'AKIA', 'Basic ', 'bearer ', 'a@', 'A1b', 'DE89 ', '$2b$', 'name="password" '],
  ...['["', '(', 'login a password ', 'hooks.slack.com/services/', 'T3BlbkFJ', '123-45-', 'bot123456789:AA', ' --a'],
];

const repeat = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** Arguments of one kind, and a message that quotes them. */
const ARGUMENTS: [name: string, args: unknown, message: string][] = [
  ...['eyJ', 'a', 'ab%25'].map((unit): [string, unknown, string] => [
    `one text of ${unit}`,
    { junk: repeat(unit, ARGUMENTS_LENGTH) },
    repeat(unit, MESSAGE_LENGTH),
  ]),
  ['480 texts of eyJ', { junk: Array.from({ length: 480 }, () => repeat('eyJ', 8_192)) }, 'the order was not found'],
  [
    'a million short texts',
    { junk: Array.from({ length: 700_000 }, (_, index) => String(index % 1_000)) },
    'the order was not found',
  ],
];

const measureMs = (work: () => unknown): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

export const run = async (args: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string', default: '9' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const rounds = Number(values.rounds);
  const medianMs = (work: () => unknown) => median(Array.from({ length: rounds }, () => measureMs(work)));

  const texts = WORST_UNITS.map((unit) => {
    const text = repeat(unit, MESSAGE_LENGTH);
    return { text: `8 KB of ${unit}`, ms: medianMs(() => redactText(text)) };
  }).sort((a, b) => b.ms - a.ms);
  printTable(texts.slice(0, 8));
  console.log('');
  const searches = ARGUMENTS.map(([name, argumentsSent, message]) => {
    const json = JSON.stringify(argumentsSent);
    const parseMs = medianMs(() => JSON.parse(json));
    const parsed: unknown = JSON.parse(json);
    const searchMs = medianMs(() => removeLeakedArguments(message, parsed, new Set()));
    return { arguments: name, MB: json.length / 1e6, 'JSON.parse ms': parseMs, 'search ms': searchMs };
  });
  printTable(searches);
  return checkLimits([
    { what: 'the worst text, ms', measured: texts[0]?.ms ?? Number.NaN, atMost: MAX_MS },
    { what: 'the worst arguments, ms', measured: Math.max(...searches.map((row) => row['search ms'])), atMost: MAX_MS },
  ]);
};
