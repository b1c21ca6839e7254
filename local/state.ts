import type { Cloud, Listener } from '../emulator/cloud.ts';
import type { Transition } from '../emulator/cloudwatch/alarm-message.ts';
import type { Refusal } from '../emulator/iam/iam.ts';
import type { Delivery } from '../emulator/sns/delivery.ts';
import type { Page } from './pager.ts';

const KEPT = 500;

const keeping = <T>(pass: (one: T) => void) => {
  const kept: T[] = [];
  return {
    kept,
    take: (one: T): void => {
      kept.push(one);
      if (kept.length > KEPT) kept.shift();
      pass(one);
    },
  };
};

const iso = (at: number): string => new Date(at).toISOString();

const transitionJson = ({ at, from, to, reason, contributor: about }: Transition) => ({
  at: iso(at),
  from,
  to,
  reason,
  about,
});
const deliveryJson = ({ at, message, ...told }: Delivery) => ({
  at: iso(at),
  ...told,
  message: JSON.parse(message) as unknown,
});

/** Remembers what a person would have seen elsewhere (the console, the inbox, the pager), and shows it as JSON. */
export const createState = (listener: Listener) => {
  const deliveries = keeping<Delivery>(listener.onDelivery);
  const refusals = keeping<Refusal>(listener.onRefusal);
  const losses = keeping<string>(listener.onLoss);

  return {
    listener: {
      onTransition: listener.onTransition,
      onDelivery: deliveries.take,
      onRefusal: refusals.take,
      onLoss: losses.take,
      ...(listener.onShift && { onShift: listener.onShift }),
    } satisfies Listener,

    /** `state`: alarms and who was told. `logs?group=/toolwatch/calls`: the lines of a log group. */
    pages:
      (cloud: Cloud, pager: { pages(): readonly Page[] }) =>
      (path: string, query: URLSearchParams): unknown => {
        if (path === 'logs') {
          const group = query.get('group') ?? '';
          return cloud.logs.groups().includes(group) ? cloud.logs.read(group) : { groups: cloud.logs.groups() };
        }
        if (path !== 'state') return undefined;
        return {
          alarms: cloud.alarms.report().map(({ name, state, since, severity, history }) => ({
            name,
            state,
            since: iso(since),
            severity,
            history: history.map(transitionJson),
          })),
          deliveries: deliveries.kept.map(deliveryJson),
          emails: deliveries.kept.filter(({ protocol }) => protocol === 'email').map(deliveryJson),
          pages: pager.pages(),
          subscriptions: cloud.sns.report(),
          queues: cloud.sqs.report(),
          refusals: refusals.kept,
          losses: losses.kept,
        };
      },
  };
};
