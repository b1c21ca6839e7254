import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { allStacks } from '../emulator/cloudformation/template.ts';
import { thresholdsOf } from '../lambdas/contract/thresholds.ts';
import type { AlarmSet } from './run.ts';
import type { Deployment } from './stacks.ts';

const packAlarm = z.looseObject({
  /** What each such alarm watches; `function` stands for tools and the pipeline. */
  subject: z.enum(['tool', 'pipeline', 'function', 'database']),
  alarm: z.string(),
  /** A number, or the name of one of the tool's own thresholds. */
  Threshold: z.union([z.number(), z.enum(['errorRate', 'p95Ms'])]),
});
type PackAlarm = z.output<typeof packAlarm>;

/** The alarms that another project ships, unchanged: their properties are those of CloudFormation. */
const pack = z.strictObject({
  name: z.string(),
  /** Where the project documents its numbers. */
  source: z.string(),
  /** Properties of every alarm that does not state its own. */
  common: z.record(z.string(), z.json()),
  alarms: z.array(packAlarm),
});
export type Pack = z.output<typeof pack>;

export const readPacks = (): Pack[] =>
  z.array(pack).parse(JSON.parse(readFileSync(new URL('./packs.json', import.meta.url), 'utf8')));

/** Something that an alarm can watch: its kind, and the dimension and name of its metrics. */
interface Subject {
  kind: 'tool' | 'pipeline' | 'database';
  dimension: string;
  name: string;
  /** Of a tool only. */
  thresholds: { errorRate: number; p95Ms: number } | undefined;
}

const DATABASE: Subject = {
  kind: 'database',
  dimension: 'DBInstanceIdentifier',
  name: 'database',
  thresholds: undefined,
};

const findFunctions = ({ settings, tools, stacks }: Deployment): Subject[] => {
  const thresholdsByFunction = new Map(
    tools.map((facts) => {
      const { error_rate: errorRate, p95_ms: p95Ms } = thresholdsOf(facts);
      return [`${settings.service}-tool-${facts.name}`, { errorRate, p95Ms }];
    }),
  );
  const names = allStacks(stacks).flatMap(({ template }) =>
    Object.values(template.Resources).flatMap(({ Type, Properties: { FunctionName } }) =>
      Type === 'AWS::Lambda::Function' && typeof FunctionName === 'string' ? [FunctionName] : [],
    ),
  );
  return names.map((name) => {
    const thresholds = thresholdsByFunction.get(name);
    return { kind: thresholds ? 'tool' : 'pipeline', dimension: 'FunctionName', name, thresholds };
  });
};

const watches = (wanted: PackAlarm['subject'], { kind }: Subject): boolean =>
  wanted === kind || (wanted === 'function' && kind !== 'database');

/**
 * A pack's alarms for every function of a deployment and for its database. They see what Lambda and RDS count, and
 * none of our lines. They are named `<function>/<alarm>` or `database/<alarm>`; a scenario's readings of RDS reach
 * every alarm that reads that metric.
 */
export const createPackAlarms = ({ common, alarms }: Pack, failuresAre: AlarmSet['failuresAre']): AlarmSet => ({
  failuresAre,
  lines: false,
  notifies: 'people',
  deploy: async (rules, _, deployment) => {
    for (const subject of [...findFunctions(deployment), DATABASE]) {
      const definitions = alarms.filter((definition) => watches(definition.subject, subject));
      for (const { subject: _wanted, alarm, Threshold, ...properties } of definitions) {
        await rules['AWS::CloudWatch::Alarm']({
          stack: 'pack',
          logicalId: alarm,
          properties: {
            ...common,
            ...properties,
            AlarmName: `${subject.name}/${alarm}`,
            Dimensions: [{ Name: subject.dimension, Value: subject.name }],
            Threshold: typeof Threshold === 'number' ? Threshold : subject.thresholds?.[Threshold],
            AlarmActions: ['recipients'],
            OKActions: ['recipients'],
          },
        });
      }
    }
  },
});
