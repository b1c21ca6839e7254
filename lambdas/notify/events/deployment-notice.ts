import { cutText, toLine } from '../../contract/clean-line.ts';
import type { Notice } from '../../contract/notice.ts';
import { MAX_TITLE } from '../../contract/notices/notice-limits.ts';
import { quote, toForeign } from '../words/clean-text.ts';
import { formatSpan, formatTime } from '../words/times.ts';
import type { Deployment, DeploymentStep } from './deployment.ts';
import type { DeploymentEvent } from './deployment-event.ts';
import { stableId } from './stable-id.ts';

interface DeploymentMaterial {
  readonly deployment: Deployment;
  readonly step: DeploymentStep;
  /** From which the step follows; undefined when it follows from the passing of time. */
  readonly event: DeploymentEvent | undefined;
  readonly version: string;
  readonly place: Notice['place'];
  /** The page of the console with all stacks. */
  readonly stacksUrl: string;
}

/** How each step is known outside: its type, what it leaves open, and whether somebody has to look. */
const STEPS: Readonly<Record<DeploymentStep, Pick<Notice, 'type' | 'state' | 'severity'>>> = {
  started: { type: 'deployment.started', state: 'open', severity: 'info' },
  completed: { type: 'deployment.completed', state: 'over', severity: 'info' },
  failed: { type: 'deployment.failed', state: 'open', severity: 'warning' },
  'rolled back': { type: 'deployment.rolled_back', state: 'event', severity: 'warning' },
  stuck: { type: 'deployment.failed', state: 'open', severity: 'warning' },
};

const MAX_NAME = 100;
const MAX_REASON = 500;

/** What all notices of a deployment share. */
const nameThread = ({ since }: Deployment): string => `deployment@${new Date(since).toISOString()}`;

const describeStep = ({ deployment, step, event, version }: DeploymentMaterial, at: number): string => {
  const { since, versionBefore } = deployment;
  // Its beginning may be unknown.
  const isWhole = deployment.reported.started !== undefined;
  const took = isWhole ? `: it took ${formatSpan(at - since)}` : '';
  const running = toForeign(version, MAX_NAME);
  const before = toForeign(versionBefore, MAX_NAME);
  const why =
    event?.kind === 'shift stopped' ? `, because calls of ${toForeign(event.tool, MAX_NAME)} were not moved` : '';
  switch (step) {
    case 'started':
      return `A deployment began at ${formatTime(since, at)}; version ${before} ran until then`;
    case 'completed':
      return isWhole && version === versionBefore
        ? `A deployment is done, and version ${running} still runs${took}`
        : `Version ${running} is deployed${took}`;
    case 'failed':
      return `A deployment fails${why}; version ${before} should stay`;
    case 'rolled back':
      return `A deployment failed and was rolled back, and version ${running} runs${took}`;
    default:
      return 'A deployment failed and could not be rolled back: somebody must mend its stack';
  }
};

const linesOf = ({ step, event }: DeploymentMaterial): string[] => {
  if (event?.kind !== 'stack') return [];
  const stack = `Stack: ${toForeign(event.stack, MAX_NAME)}.`;
  const reason = event.reason === undefined ? [] : [`CloudFormation: ${quote(event.reason, MAX_REASON)}`];
  const advice =
    step === 'failed' || step === 'stuck'
      ? ['Do: look at the first failed event of the stack, and at the line of the smoke test.']
      : [];
  return [stack, ...reason, ...advice];
};

/** What channels and people are notified of a step of a deployment. */
export const buildDeploymentNotice = (material: DeploymentMaterial): Notice => {
  const { deployment, step, event, version, place, stacksUrl } = material;
  const at = event?.at ?? deployment.lastAt;
  const thread = nameThread(deployment);
  return {
    id: stableId([place.account, place.region, place.deployment, thread, step]),
    ...STEPS[step],
    thread,
    title: cutText(toLine(describeStep(material, at)), MAX_TITLE),
    lines: linesOf(material),
    links: [{ title: 'Stacks', url: stacksUrl }],
    facts: {
      version: toForeign(version, MAX_NAME),
      version_before: toForeign(deployment.versionBefore, MAX_NAME),
      seconds: Math.round((at - deployment.since) / 1_000),
      ...(event?.kind === 'stack' && { stack: toForeign(event.stack, MAX_NAME) }),
      ...(event?.kind === 'shift stopped' && { tool: toForeign(event.tool, MAX_NAME) }),
    },
    since: deployment.since,
    at,
    place,
  };
};
