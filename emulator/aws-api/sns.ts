import type { Sns } from '../sns/sns.ts';
import { escapeXml, type ServiceApi, xmlElement, xmlResponse } from './request.ts';

type Subscription = ReturnType<Sns['subscriptionsOf']>[number];

const memberOf = ({ arn, topic, protocol, endpoint, confirmed }: Subscription): string =>
  xmlElement(
    'member',
    [
      xmlElement('SubscriptionArn', confirmed ? arn : 'PendingConfirmation'),
      xmlElement('TopicArn', topic),
      xmlElement('Protocol', protocol),
      xmlElement('Endpoint', escapeXml(endpoint)),
      xmlElement('Owner', ''),
    ].join(''),
  );

/** ListSubscriptionsByTopic, with everything in one page. */
export const createSnsApi =
  (sns: Sns): ServiceApi =>
  ({ body }, principal) => {
    const form = new URLSearchParams(body.toString('utf8'));
    if (form.get('Action') !== 'ListSubscriptionsByTopic') return undefined;
    const members = sns.subscriptionsOf(principal, form.get('TopicArn') ?? '').map(memberOf);
    const result = xmlElement('ListSubscriptionsByTopicResult', xmlElement('Subscriptions', members.join('')));
    return xmlResponse(xmlElement('ListSubscriptionsByTopicResponse', result));
  };
