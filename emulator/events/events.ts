import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import { arnOf, type Place } from '../place.ts';
import type { Sqs } from '../sqs/sqs.ts';
import { type EventPattern, matchesPattern, readPattern } from './pattern.ts';

interface EventsOptions {
  place: Place;
  clock: Clock;
  sqs: Pick<Sqs, 'send'>;
  /** Receives a description of what is lost. */
  onLoss: (description: string) => void;
}

/** What a service says on the default event bus. */
export interface ServiceEvent {
  source: string;
  detailType: string;
  resources: string[];
  detail: Record<string, unknown>;
}

const queueArn = z.string().regex(/^arn:[\w-]+:sqs:/, 'the emulator supports queues as targets of rules only');

const target = z.strictObject({
  Id: z.string().min(1),
  Arn: queueArn,
  DeadLetterConfig: z.strictObject({ Arn: queueArn }).optional(),
  /** A queue that is there takes a message at once. */
  RetryPolicy: z.unknown().optional(),
});

const ruleProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  EventBusName: z.literal('default', 'the emulator has the default event bus only').optional(),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(target).max(5, 'a rule has at most five targets').default([]),
});

interface Rule {
  arn: string;
  isEnabled: boolean;
  pattern: EventPattern;
  targets: z.output<typeof target>[];
}

const PRINCIPAL = { service: 'events.amazonaws.com' };

/** EventBridge: hands what services say on the default event bus to the targets of the rules that match it. */
export const createEvents = ({ place, clock, sqs, onLoss }: EventsOptions) => {
  const rules = new Map<string, Rule>();

  const deliver = ({ arn }: Rule, { Arn, DeadLetterConfig }: Rule['targets'][number], body: string): void => {
    const context = { 'aws:sourcearn': arn, 'aws:sourceaccount': place.account };
    try {
      sqs.send(PRINCIPAL, Arn, body, context);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (!DeadLetterConfig) {
        onLoss(`an event for ${Arn} is lost: ${error.message}`);
        return;
      }
      const attributes = { RULE_ARN: arn, TARGET_ARN: Arn, ERROR_CODE: error.code, ERROR_MESSAGE: error.message };
      sqs.send(PRINCIPAL, DeadLetterConfig.Arn, body, context, { attributes });
    }
  };

  return {
    /** Puts the event of a service on the bus. Its time is in whole seconds. */
    put: ({ source, detailType, resources, detail }: ServiceEvent): void => {
      const event = {
        version: '0',
        id: randomUUID(),
        'detail-type': detailType,
        source,
        account: place.account,
        time: new Date(clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
        region: place.region,
        resources,
        detail,
      };
      const matching = [...rules.values()].filter((rule) => rule.isEnabled && matchesPattern(rule.pattern, event));
      for (const rule of matching) for (const each of rule.targets) deliver(rule, each, JSON.stringify(event));
    },

    handlers: {
      'AWS::Events::Rule': makeUpdatable(
        resourceHandler(ruleProperties, ({ Name, EventPattern, State, Targets }, declared) => {
          const name = Name ?? nameOf(declared);
          const arn = arnOf(place, 'events', `rule/${name}`);
          rules.set(name, {
            arn,
            isEnabled: State === 'ENABLED',
            pattern: readPattern(EventPattern),
            targets: Targets,
          });
          return { ref: name, attributes: { Arn: arn }, remove: () => void rules.delete(name) };
        }),
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Events = ReturnType<typeof createEvents>;
