import type { Cloud, Listener } from '../emulator/cloud.ts';
import type { Transition } from '../emulator/cloudwatch/alarm-message.ts';
import type { Refusal } from '../emulator/iam/iam.ts';
import type { Delivery } from '../emulator/sns/delivery.ts';
import { parseJson } from '../lambdas/contract/parse-json.ts';
import type { ShownChannel } from './channels.ts';
import type { Page } from './receivers/pager.ts';
import { tokenForScripts } from './sign-in.ts';

/** What stand-ins on this machine show. */
interface Shown {
  pages(): readonly Page[];
  channels(): readonly ShownChannel[];
}

const MAX_REMEMBERED = 500;

/** Remembers the latest events and passes each on. */
const rememberLatest = <Event>(passOn: (event: Event) => void) => {
  const latest: Event[] = [];
  return {
    latest,
    add: (event: Event): void => {
      latest.push(event);
      if (latest.length > MAX_REMEMBERED) latest.shift();
      passOn(event);
    },
  };
};

const iso = (at: number): string => new Date(at).toISOString();

const transitionJson = ({ at, from, to, reason, contributor }: Transition) => ({
  at: iso(at),
  from,
  to,
  reason,
  contributor,
});
const deliveryJson = ({ at, message, ...delivery }: Delivery) => ({
  at: iso(at),
  ...delivery,
  // A notification of a pager is JSON, and one by e-mail is text.
  message: parseJson(message) ?? message,
});

/** Remembers what AWS would show in the console, in inboxes and on the pager, and serves it as JSON below `/local/`. */
export const createState = (listener: Listener) => {
  const deliveries = rememberLatest<Delivery>(listener.onDelivery);
  const refusals = rememberLatest<Refusal>(listener.onRefusal);
  const losses = rememberLatest<string>(listener.onLoss);

  const summarize = (cloud: Cloud, { pages, channels }: Shown) => ({
    alarms: cloud.alarms.report().map(({ name, state, since, severity, history }) => ({
      name,
      state,
      since: iso(since),
      severity,
      history: history.map(transitionJson),
    })),
    deliveries: deliveries.latest.map(deliveryJson),
    emails: deliveries.latest.filter(({ protocol }) => protocol === 'email').map(deliveryJson),
    pages: pages(),
    channels: channels(),
    subscriptions: cloud.sns.report(),
    queues: cloud.sqs.report(),
    refusals: refusals.latest,
    losses: losses.latest,
  });

  return {
    listener: {
      onTransition: listener.onTransition,
      onDelivery: deliveries.add,
      onRefusal: refusals.add,
      onLoss: losses.add,
      ...(listener.onShift && { onShift: listener.onShift }),
      ...(listener.onLog && { onLog: listener.onLog }),
    } satisfies Listener,

    /**
     * Answers `state` (alarms, deliveries, queues, what channels show, …), `token` (for scripts) and `logs?group=/toolwatch/calls` (the lines
     * of a log group); `undefined` for other paths.
     */
    answer:
      (cloud: Cloud, shown: Shown) =>
      (path: string, query: URLSearchParams): unknown => {
        if (path === 'state') return summarize(cloud, shown);
        if (path === 'token') return tokenForScripts(cloud);
        if (path !== 'logs') return undefined;
        const group = query.get('group') ?? '';
        const groups = cloud.logs.groups();
        return groups.includes(group) ? cloud.logs.read(group) : { groups };
      },
  };
};
