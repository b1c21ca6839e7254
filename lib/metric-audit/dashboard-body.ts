import { Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** Stands in a dashboard's text for what is known only at deployment. */
export const AT_DEPLOYMENT = '\uFFFC';

export interface Widget {
  readonly properties?: {
    readonly metrics?: readonly (readonly unknown[])[];
    /** The ARNs of the alarms whose states it shows. */
    readonly alarms?: readonly string[];
    /** The ARN of the alarm whose metric and threshold it shows. */
    readonly annotations?: { readonly alarms?: readonly string[] };
  };
}

interface Variable {
  readonly type?: string;
  readonly pattern?: string;
  readonly values?: readonly { readonly value: string }[];
}

interface Body {
  readonly widgets?: readonly Widget[];
  readonly variables?: readonly Variable[];
}

const textOf = (dashboard: cloudwatch.CfnDashboard): string => {
  const body: unknown = Stack.of(dashboard).resolve(dashboard.dashboardBody);
  const parts =
    typeof body === 'string' ? [body] : ((body as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1] ?? []);
  return parts.map((part) => (typeof part === 'string' ? part : AT_DEPLOYMENT)).join('');
};

/** The widgets of a dashboard, those with a pattern that its reader chooses once for each of the values listed for it. */
export const readWidgets = (dashboard: cloudwatch.CfnDashboard): Widget[] => {
  const { widgets = [], variables = [] } = JSON.parse(textOf(dashboard)) as Body;
  return variables.reduce<Widget[]>(chooseEach, [...widgets]);
};

/** CloudWatch takes a pattern as a regular expression, in the text of every widget. */
const chooseEach = (widgets: Widget[], { type, pattern, values = [] }: Variable): Widget[] => {
  if (type !== 'pattern' || pattern === undefined || values.length === 0) return widgets;
  return widgets.flatMap((widget) => {
    const text = JSON.stringify(widget);
    const found = new RegExp(pattern, 'g');
    if (!found.test(text)) return [widget];
    return values.map(({ value }) => JSON.parse(text.replaceAll(found, () => value)) as Widget);
  });
};
