import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { read, root } from '../../support/source-files.ts';

/**
 * Words this project once used in a meaning of its own, each with the word to write instead. docs/glossary.md defines the
 * words that remain.
 */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/\btold\b|\btoldSoFar\b/i, 'say what is meant: notified, recipient, reported, callerMessage'],
  [/(Alarm|Metric|Composite|Optional|Tool)Promise\b|-promises\b/, 'spec, threshold'],
  [/\bhouse|House(?!hold)/, 'operator, all tenants'],
  [/\barrows?\b|\bARROWS\b|Arrow\b/, 'connection'],
  [/refusedAtTheDoor|\bat the door\b|turned ?away|\bWelcome\b/i, 'endpoint, rejected early, allowed origins'],
  [/\b(record)?Deaths?\b|\bdied\b/i, 'invoke failure'],
  [/\bToolbox\b|\bHandover\b/, 'ToolInvoker, InvocationContext'],
  [/patience/i, 'timeout'],
  [/\bKEPT\b|\bKEPT_|\bMOST_|\bLONGEST_|\bFEWEST_|\bLEAST_|\bLARGEST_/, 'RETAINED_, MAX_, MIN_'],
  [/\bkept\b|\bkept[A-Z]/, 'retained, stored'],
  [/\bjudged?\b|\bjudge[A-Z]/i, 'validate, evaluate, check, decide'],
  [/\braced\b|\bguarded\b|\bpayIn\b/, 'withTimeout, throughBreaker, deposit'],
  [/\bthreadOf/, 'traceContextOf'],
  [/\bsiteOf|\bSite\b/, 'Operation'],
  [/\bechoes\b|\bwithoutEchoes\b/i, 'argument leakage'],
  [/\bstrangers?\b|\bhearsay\b/i, 'untrusted, unknown; unverified'],
  [/wrongFacts|contradictions/i, 'invalid tool definitions, cross-field validation'],
  [/isNoChance|PROOF_ERRORS/, 'exceedsRateSignificantly, MIN_CONCLUSIVE_ERRORS'],
  [
    /\bheard\b|\berrands?\b|\bstretch(es)?\b|\bsurroundings\b/i,
    'deliveries, scripted request, time window, base resources',
  ],
  [/stands? (there|in the list) twice/, 'is listed twice'],
];

/** History has the words of its time: decisions, merged migrations and their test, and the schema they lead to. */
const HISTORY =
  /^(docs\/decisions\/|sql\/migrations\/|sql\/schema\.sql$|package-lock\.json$|test\/sql\/migrate\.test\.ts$|test\/unit\/laws\/words)/;
/** Names that may not change: an alarm's, and the files of decisions. */
const FIXED_NAMES = /pipeline\/payloads-kept|decisions\/[\w.-]+/g;
const TEXT = /\.(tsx?|mjs|json|md|sql|css|html|ya?ml)$|^\.ci\//;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => TEXT.test(file) && !HISTORY.test(file));

test('no text uses a retired word', () => {
  const found = files.flatMap((file) =>
    read(file)
      .replaceAll(FIXED_NAMES, '')
      .split('\n')
      .flatMap((line, index) =>
        RETIRED.filter(([word]) => word.test(line)).map(
          ([word, instead]) => `${file}:${index + 1} ${word.exec(line)?.[0]} (write: ${instead})`,
        ),
      ),
  );
  expect(found).toEqual([]);
});
