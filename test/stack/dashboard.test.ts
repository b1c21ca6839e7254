import { describe, expect, test } from 'vitest';
import { SAVED_QUERIES } from '../../lib/saved-queries.ts';
import { read } from '../support/source-files.ts';
import { alarmsOf, aTool, ofType, type Resources, synthesize } from '../support/synthesized.ts';

interface Widget {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: {
    title?: string;
    alarms?: string[];
    annotations?: { alarms?: string[] };
    metrics?: unknown[][];
    query?: string;
  };
}

const boardOf = (resources: Resources): { widgets: Widget[]; variables: Record<string, unknown>[]; text: string } => {
  const [dashboard] = ofType(resources, 'AWS::CloudWatch::Dashboard');
  const parts: unknown[] = dashboard?.Properties.DashboardBody['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'x')).join('');
  return { ...JSON.parse(text), text };
};

const nameIn = (arn: string): string => arn.replace(/^arn:x:cloudwatch:[^:]*:[^:]*:alarm:/, '');

const few = synthesize({}, [aTool({ provider: 'shop' }), aTool({ name: 'greet' })]).resources;
const many = synthesize(
  {},
  Array.from({ length: 200 }, (_, index) => aTool({ name: `tool_${index}` })),
).resources;

describe('the dashboard in CloudWatch', () => {
  test.each([
    ['two tools', few],
    ['two hundred tools', many],
  ])('of %s shows the state of every alarm, at most a hundred in a widget', (_, resources) => {
    const states = boardOf(resources).widgets.filter(({ type }) => type === 'alarm');
    const shown = states.flatMap(({ properties }) => properties.alarms ?? []).map(nameIn);
    expect(shown.sort()).toEqual(
      alarmsOf(resources)
        .map(({ Properties }) => Properties.AlarmName)
        .sort(),
    );
    for (const { properties } of states) expect(properties.alarms?.length).toBeLessThanOrEqual(100);
  });

  test('has widgets that lie beside each other and not over each other, on a grid of 24', () => {
    for (const resources of [few, many]) {
      const taken = new Set<string>();
      for (const { x, y, width, height } of boardOf(resources).widgets) {
        expect(x + width).toBeLessThanOrEqual(24);
        for (let column = x; column < x + width; column++)
          for (let row = y; row < y + height; row++) {
            expect(taken.has(`${column},${row}`)).toBe(false);
            taken.add(`${column},${row}`);
          }
      }
    }
  });

  test('shows each tool that is chosen, with the thresholds of its alarms, in as many widgets for many as for few', () => {
    const { variables, widgets } = boardOf(few);
    expect(variables).toEqual([
      {
        type: 'pattern',
        pattern: 'TOOL_CHOSEN_ABOVE',
        inputType: 'select',
        id: 'tool',
        label: 'Tool',
        defaultValue: 'greet',
        values: [
          { label: 'greet', value: 'greet' },
          { label: 'order_status', value: 'order_status' },
        ],
      },
    ]);
    const thresholds = widgets.flatMap(({ properties }) => properties.annotations?.alarms ?? []).map(nameIn);
    expect(thresholds).toEqual(['tool/TOOL_CHOSEN_ABOVE/failing', 'tool/TOOL_CHOSEN_ABOVE/slow']);
    const kinds = (resources: Resources) => boardOf(resources).widgets.filter(({ type }) => type !== 'alarm').length;
    // Two of the widgets are about providers, which the many have none of.
    expect(kinds(many)).toBe(kinds(few) - 2);
    // CloudWatch takes a body of at most a megabyte.
    expect(boardOf(many).text.length).toBeLessThan(100_000);
  });

  test('ranks the tools and the providers by what alarms are about', () => {
    const searches = boardOf(few).widgets.flatMap(({ properties }) =>
      (properties.metrics ?? []).flat().flatMap((part) => (part as { expression?: string }).expression ?? []),
    );
    expect(searches).toContain(
      `SORT(SEARCH('{Toolwatch,service,tool} MetricName="error" service="toolwatch"', 'Average', 300), AVG, DESC, 10)`,
    );
    expect(searches).toContain(
      `SORT(SEARCH('{Toolwatch,service,provider} MetricName="dependency_error" service="toolwatch"', 'Average', 300), AVG, DESC, 10)`,
    );
  });
});

/** The keys of a line, as queries name them: those within `metadata` and `measures` are the writers' own. */
const KEYS = Object.keys(JSON.parse(read('docs/line.schema.json')).properties);
const COMMANDS = ['fields', 'filter', 'stats', 'sort', 'limit'];
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html */
const FUNCTIONS = ['avg', 'bin', 'count', 'count_distinct', 'ispresent', 'latest', 'max', 'min', 'pct', 'sum'];
const WORDS = ['and', 'or', 'as', 'by', 'asc', 'desc'];

/** What a query names that is neither a key of a line nor a part of the language nor a name that it gave itself. */
const unknownNames = (stages: readonly string[]): string[] => {
  const text = stages.map((stage) => stage.replace(/^\w+ /, '')).join(' ');
  const given = [...text.matchAll(/ as (\w+)/g)].map(([, name]) => name);
  const names = text.replaceAll(/"[^"]*"|\b\d+h?\b/g, ' ').match(/@?[a-z_][\w.]*(?:\()?/gi) ?? [];
  return names.filter((name) => {
    if (name.endsWith('(')) return !FUNCTIONS.includes(name.slice(0, -1));
    if (/^(metadata|measures)\.\w+$/.test(name)) return false;
    return ![...KEYS, ...WORDS, ...given, '@timestamp'].includes(name);
  });
};

describe('the saved queries', () => {
  test('name keys that lines have, and nothing that the language does not', () => {
    expect(unknownNames(['fields nonsense', 'stats mode(duration_ms) as x by tenant'])).toEqual([
      'nonsense',
      'mode(',
      'tenant',
    ]);
    for (const { name, stages } of SAVED_QUERIES) {
      expect(unknownNames(stages), name).toEqual([]);
      for (const stage of stages) expect(COMMANDS, name).toContain(stage.split(' ')[0]);
    }
  });

  test('are in a folder of the deployment, over its log of calls, with a description of what to write into them', () => {
    const queries = ofType(few, 'AWS::Logs::QueryDefinition').map(({ Properties }) => Properties);
    expect(queries).toHaveLength(SAVED_QUERIES.length);
    for (const { Name, LogGroupNames, QueryString, Parameters = [] } of queries) {
      expect(Name).toMatch(/^toolwatch\/[A-Z]/);
      expect(LogGroupNames).toEqual(['/toolwatch/calls']);
      const used = new Set([...QueryString.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));
      expect(Parameters.map((parameter: { Name: string }) => parameter.Name)).toEqual([...used]);
    }
  });

  test('are also there with lean monitoring, because they cost nothing', () => {
    expect(ofType(synthesize({ monitoring: 'lean' }).resources, 'AWS::Logs::QueryDefinition')).toHaveLength(
      SAVED_QUERIES.length,
    );
  });
});
