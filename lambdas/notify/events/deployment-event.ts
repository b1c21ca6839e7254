import * as z from 'zod';
import { type AwsEvent, readAwsEvent } from './aws-event.ts';

/**
 * How far a stack is in its deployment: it is being changed, that failed and it is (or will be) changed back, it is as it
 * should be, it is as before, or it could not be changed back.
 */
export type StackPhase = 'running' | 'failed' | 'succeeded' | 'rolled back' | 'stuck';

/** What happened in a deployment. */
export type DeploymentEvent = { readonly at: number } & (
  | {
      readonly kind: 'stack';
      /** The name of the stack. */
      readonly stack: string;
      readonly phase: StackPhase;
      readonly reason: string | undefined;
    }
  /** CodeDeploy stopped moving calls to a tool's new version. */
  | { readonly kind: 'shift stopped'; readonly tool: string }
  /** What ends nothing and begins nothing. */
  | { readonly kind: 'nothing new' }
);

const PHASES: Readonly<Record<string, StackPhase>> = {
  UPDATE_IN_PROGRESS: 'running',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'running',
  UPDATE_COMPLETE: 'succeeded',
  UPDATE_FAILED: 'failed',
  UPDATE_ROLLBACK_IN_PROGRESS: 'failed',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'failed',
  UPDATE_ROLLBACK_COMPLETE: 'rolled back',
  UPDATE_ROLLBACK_FAILED: 'stuck',
  IMPORT_IN_PROGRESS: 'running',
  IMPORT_COMPLETE: 'succeeded',
  IMPORT_ROLLBACK_IN_PROGRESS: 'failed',
  IMPORT_ROLLBACK_COMPLETE: 'rolled back',
  IMPORT_ROLLBACK_FAILED: 'stuck',
};
/** A change set was made; or a stack is created or deleted, and with it whoever could notify of that. */
const NO_DEPLOYMENT = /^(REVIEW_IN_PROGRESS|(CREATE|ROLLBACK|DELETE)_(IN_PROGRESS|COMPLETE|FAILED))$/;

const stackDetail = z.object({
  'stack-id': z.string(),
  'status-details': z.object({ status: z.string(), 'status-reason': z.string().nullish() }),
});

/** `arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/UUID` */
const stackIn = (id: string): string | undefined => /:stack\/([^/]+)\/[^/]+$/.exec(id)?.[1];

const readStackChange = ({ detail }: AwsEvent, at: number): DeploymentEvent | undefined => {
  const parsed = stackDetail.safeParse(detail).data;
  const stack = stackIn(parsed?.['stack-id'] ?? '');
  if (!parsed || stack === undefined) return undefined;
  const { status, 'status-reason': reason } = parsed['status-details'];
  if (NO_DEPLOYMENT.test(status)) return { kind: 'nothing new', at };
  const phase = Object.hasOwn(PHASES, status) ? PHASES[status] : undefined;
  return phase && { kind: 'stack', stack, phase, reason: reason || undefined, at };
};

const shiftDetail = z.object({
  deploymentGroup: z.string().min(1),
  state: z.enum(['START', 'READY', 'SUCCESS', 'FAILURE', 'STOP']),
});

/** The alarm that stopped it, or the person: CodeDeploy does not say. What goes well is the stack's to say. */
const readShiftChange = ({ detail }: AwsEvent, at: number): DeploymentEvent | undefined => {
  const parsed = shiftDetail.safeParse(detail).data;
  if (!parsed) return undefined;
  const { state, deploymentGroup } = parsed;
  return state === 'FAILURE' || state === 'STOP'
    ? { kind: 'shift stopped', tool: deploymentGroup, at }
    : { kind: 'nothing new', at };
};

const READERS: Readonly<Record<string, (event: AwsEvent, at: number) => DeploymentEvent | undefined>> = {
  'aws.cloudformation CloudFormation Stack Status Change': readStackChange,
  'aws.codedeploy CodeDeploy Deployment State-change Notification': readShiftChange,
};

/** Reads an event of CloudFormation or CodeDeploy; undefined for anything else, and for a state that is not known. */
export const readDeploymentEvent = (message: unknown): DeploymentEvent | undefined => {
  const event = readAwsEvent(message);
  if (!event) return undefined;
  const kind = `${event.source} ${event['detail-type']}`;
  const at = Date.parse(event.time);
  if (Number.isNaN(at) || !Object.hasOwn(READERS, kind)) return undefined;
  return READERS[kind]?.(event, at);
};
