import { randomUUID } from 'node:crypto';
import type { Principal } from '../iam/policy.ts';
import { readPublishRequest } from '../sns/publish-request.ts';
import type { Sns } from '../sns/sns.ts';
import { type ApiResponse, escapeXml, type ServiceApi, xmlElement, xmlResponse } from './request.ts';

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

const listSubscriptions = (sns: Sns, principal: Principal, form: URLSearchParams): ApiResponse => {
  const members = sns.subscriptionsOf(principal, form.get('TopicArn') ?? '').map(memberOf);
  const result = xmlElement('ListSubscriptionsByTopicResult', xmlElement('Subscriptions', members.join('')));
  return xmlResponse(xmlElement('ListSubscriptionsByTopicResponse', result));
};

/** Answers before the message is delivered, as SNS does. */
const publish = (sns: Sns, principal: Principal, form: URLSearchParams): ApiResponse => {
  void sns.publish(principal, form.get('TopicArn') ?? '', readPublishRequest(form), {});
  return xmlResponse(xmlElement('PublishResponse', xmlElement('PublishResult', xmlElement('MessageId', randomUUID()))));
};

/** Publish, and ListSubscriptionsByTopic with everything in one page. */
export const createSnsApi =
  (sns: Sns): ServiceApi =>
  ({ body }, principal) => {
    const form = new URLSearchParams(body.toString('utf8'));
    const action = form.get('Action');
    if (action === 'Publish') return publish(sns, principal, form);
    return action === 'ListSubscriptionsByTopic' ? listSubscriptions(sns, principal, form) : undefined;
  };
