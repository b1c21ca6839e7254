import type { Sns } from '../sns/sns.ts';
import { escaped, type Service, xml } from './reads.ts';

/** ListSubscriptionsByTopic, all in one page. */
export const snsReads =
  (sns: Sns): Service =>
  ({ body }, principal) => {
    const asked = new URLSearchParams(body.toString('utf8'));
    if (asked.get('Action') !== 'ListSubscriptionsByTopic') return undefined;
    const members = sns
      .subscriptionsOf(principal, asked.get('TopicArn') ?? '')
      .map(
        ({ arn, topic, protocol, endpoint, confirmed }) =>
          `<member><SubscriptionArn>${confirmed ? arn : 'PendingConfirmation'}</SubscriptionArn><TopicArn>${topic}</TopicArn><Protocol>${protocol}</Protocol><Endpoint>${escaped(endpoint)}</Endpoint><Owner></Owner></member>`,
      )
      .join('');
    const result = `<ListSubscriptionsByTopicResult><Subscriptions>${members}</Subscriptions></ListSubscriptionsByTopicResult>`;
    return xml(`<ListSubscriptionsByTopicResponse>${result}</ListSubscriptionsByTopicResponse>`);
  };
