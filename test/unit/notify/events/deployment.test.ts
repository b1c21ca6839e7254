import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyDeploymentEvent,
  type Deployment,
  type DeploymentStep,
  passTimeOfDeployment,
} from '../../../../lambdas/notify/events/deployment.ts';
import { readDeploymentEvent } from '../../../../lambdas/notify/events/deployment-event.ts';
import { aShiftEvent, aStackEvent } from './aws-events.ts';

const CONTEXT = { version: 'v1', lastStack: 'ToolwatchApp' };

/** What people are notified after these events, each of a message of its own. */
const tell = (events: readonly object[]): { reported: DeploymentStep[]; deployment: Deployment | undefined } => {
  const reported: DeploymentStep[] = [];
  let deployment: Deployment | undefined;
  for (const [index, message] of events.entries()) {
    const event = readDeploymentEvent(message);
    if (!event) throw new Error(`This is no event of a deployment: ${JSON.stringify(message)}`);
    const decision = applyDeploymentEvent(deployment, event, `message ${index}`, CONTEXT);
    deployment = decision.deployment;
    if (decision.step) reported.push(decision.step);
  }
  return { reported, deployment };
};
const NESTED = 'ToolwatchApp-ToolsGroup0NestedStack-1ABC';

const GOOD = [
  aStackEvent('UPDATE_IN_PROGRESS', 0, 'ToolwatchData'),
  aStackEvent('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 60, 'ToolwatchData'),
  aStackEvent('UPDATE_COMPLETE', 62, 'ToolwatchData'),
  aStackEvent('UPDATE_IN_PROGRESS', 70),
  aStackEvent('UPDATE_IN_PROGRESS', 75, NESTED),
  aShiftEvent('START', 80),
  aShiftEvent('SUCCESS', 200),
  aStackEvent('UPDATE_COMPLETE', 205, NESTED),
  aStackEvent('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 290),
  aStackEvent('UPDATE_COMPLETE', 300),
];
const BAD = [
  aStackEvent('UPDATE_IN_PROGRESS', 0),
  aShiftEvent('START', 10),
  aShiftEvent('FAILURE', 100),
  aStackEvent('UPDATE_ROLLBACK_IN_PROGRESS', 102, NESTED),
  aStackEvent('UPDATE_ROLLBACK_IN_PROGRESS', 105, 'ToolwatchApp', 'The following resource(s) failed to update'),
  aStackEvent('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 200),
  aStackEvent('UPDATE_ROLLBACK_COMPLETE', 210, NESTED),
  aStackEvent('UPDATE_ROLLBACK_COMPLETE', 210),
];

describe('of a deployment people are notified', () => {
  test.each<[string, object[], DeploymentStep[]]>([
    ['that it began and is done, once, with several stacks', GOOD, ['started', 'completed']],
    ['that it fails, by the first sign of it, and is rolled back', BAD, ['started', 'failed', 'rolled back']],
    [
      'that a person must mend it',
      [...BAD.slice(0, 5), aStackEvent('UPDATE_ROLLBACK_FAILED', 300)],
      ['started', 'failed', 'stuck'],
    ],
    ['that one is done of which the beginning is unknown', [aStackEvent('UPDATE_COMPLETE')], ['completed']],
    [
      'nothing when its stacks are created or deleted, or a change set is made',
      ['REVIEW_IN_PROGRESS', 'CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'ROLLBACK_COMPLETE', 'DELETE_IN_PROGRESS'].map(
        (status, second) => aStackEvent(status, second),
      ),
      [],
    ],
    [
      'the same of the next one',
      [...GOOD, aStackEvent('UPDATE_IN_PROGRESS', 400), aStackEvent('UPDATE_COMPLETE', 460)],
      ['started', 'completed', 'started', 'completed'],
    ],
    ...(['UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'] as const).map((last): [string, object[], DeploymentStep[]] => [
      `that it was rolled back, where another stack was under way until its ${last}`,
      [
        aStackEvent('UPDATE_IN_PROGRESS'),
        aStackEvent('UPDATE_IN_PROGRESS', 10, NESTED),
        aStackEvent('UPDATE_ROLLBACK_IN_PROGRESS', 50),
        aStackEvent('UPDATE_ROLLBACK_COMPLETE', 90),
        aStackEvent(last, 95, NESTED),
      ],
      ['started', 'failed', 'rolled back'],
    ]),
    [
      'that another one began, where the failed one was not rolled back',
      [
        aStackEvent('UPDATE_IN_PROGRESS'),
        aStackEvent('UPDATE_FAILED', 50),
        aStackEvent('UPDATE_IN_PROGRESS', 90),
        aStackEvent('UPDATE_COMPLETE', 95),
      ],
      ['started', 'failed', 'started', 'completed'],
    ],
  ])('%s', (_, events, expected) => {
    expect(tell(events).reported).toEqual(expected);
  });

  test('no more when only the stack changed that comes first, until nothing follows for a while', () => {
    const { reported, deployment } = tell(GOOD.slice(0, 3));
    expect(reported).toEqual(['started']);
    if (!deployment) throw new Error('nothing is known');
    expect(passTimeOfDeployment(deployment, deployment.lastAt + 60_000).step).toBeUndefined();
    const done = passTimeOfDeployment(deployment, deployment.lastAt + 11 * 60_000);
    expect(done.step).toBe('completed');
    expect(
      done.deployment && passTimeOfDeployment(done.deployment, deployment.lastAt + 12 * 60_000).step,
    ).toBeUndefined();
  });

  test('each thing once, in whatever order events arrive, and however often', () => {
    const events = fc
      .constantFrom(GOOD, BAD)
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length })));
    fc.assert(
      fc.property(events, ([, shuffled]) => {
        const { reported } = tell(shuffled);
        expect(new Set(reported).size).toBe(reported.length);
      }),
    );
  });

  test('the end is what comes last, whichever two events change places', () => {
    for (const [all, end] of [
      [GOOD, 'completed'],
      [BAD, 'rolled back'],
    ] as const) {
      for (let first = 0; first < all.length - 2; first += 1) {
        const [one, other] = all.slice(first, first + 2);
        const swapped = [
          ...all.slice(0, first),
          ...[other, one].flatMap((each) => each ?? []),
          ...all.slice(first + 2),
        ];
        expect(tell(swapped).reported.at(-1), `${first}`).toBe(end);
      }
    }
  });

  test('the same again when a message comes again, because it could not be published', () => {
    const event = readDeploymentEvent(BAD[2]);
    const { deployment } = tell(BAD.slice(0, 2));
    if (!event) throw new Error('no event');
    const first = applyDeploymentEvent(deployment, event, 'm', CONTEXT);
    expect(first.step).toBe('failed');
    expect(applyDeploymentEvent(first.deployment, event, 'm', CONTEXT)).toEqual(first);
    expect(applyDeploymentEvent(first.deployment, event, 'n', CONTEXT).step).toBeUndefined();
  });
});
