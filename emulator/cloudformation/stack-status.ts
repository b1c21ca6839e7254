import { randomUUID } from 'node:crypto';
import type { Events } from '../events/events.ts';
import { arnOf, type Place } from '../place.ts';

/** How the deployment of a stack goes on. */
export type StackStep = 'begun' | 'done' | 'failed' | 'rolled back' | 'not rolled back';

/** Receives each step of each stack, also of nested ones; `reason` says why it failed. */
export type ReportStatus = (stack: string, isUpdate: boolean, step: StackStep, reason?: string) => void;

const STATUSES: Readonly<Record<StackStep, { create: string[]; update: string[] }>> = {
  begun: { create: ['CREATE_IN_PROGRESS'], update: ['UPDATE_IN_PROGRESS'] },
  done: { create: ['CREATE_COMPLETE'], update: ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE'] },
  failed: { create: ['ROLLBACK_IN_PROGRESS'], update: ['UPDATE_ROLLBACK_IN_PROGRESS'] },
  'rolled back': {
    create: ['ROLLBACK_COMPLETE'],
    update: ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE'],
  },
  'not rolled back': { create: ['ROLLBACK_FAILED'], update: ['UPDATE_ROLLBACK_FAILED'] },
};

/** Says on the event bus what becomes of stacks, as CloudFormation does. */
export const reportToBus = (place: Place, events: Pick<Events, 'put'>): ReportStatus => {
  const ids = new Map<string, string>();
  const idOf = (stack: string): string => {
    const id = ids.get(stack) ?? arnOf(place, 'cloudformation', `stack/${stack}/${randomUUID()}`);
    ids.set(stack, id);
    return id;
  };
  return (stack, isUpdate, step, reason = '') => {
    const id = idOf(stack);
    for (const status of STATUSES[step][isUpdate ? 'update' : 'create']) {
      events.put({
        source: 'aws.cloudformation',
        detailType: 'CloudFormation Stack Status Change',
        resources: [id],
        detail: {
          'stack-id': id,
          'status-details': { status, 'status-reason': reason },
          'client-request-token': randomUUID(),
        },
      });
    }
  };
};
