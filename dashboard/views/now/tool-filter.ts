import type { FilterField } from '../../parts/filter.tsx';
import type { ViewProps } from '../../router/address.ts';
import type { ToolNow } from '../../tools/fleet.ts';

/** With fewer tools than this all are seen at once, and a filter is in the way. */
const MIN_TOOLS = 15;

/** What of a state is meant by each choice. */
const STATES: Readonly<Record<string, readonly ToolNow['status']['state'][]>> = {
  wrong: ['failing', 'warning'],
  quiet: ['quiet', 'unproven'],
  healthy: ['healthy'],
};

export const TOOL_FIELDS: readonly FilterField[] = [
  { name: 'tool', label: 'Tool', placeholder: 'a part of its name' },
  {
    name: 'state',
    label: 'State',
    choices: [
      ['', 'All'],
      ['wrong', 'To look at'],
      ['quiet', 'Quiet or too few calls'],
      ['healthy', 'Healthy'],
    ],
  },
];

/** Whether tools are so many that one looks for some of them, or some are looked for. */
export const needsFilter = (tools: readonly ToolNow[], { tool, state }: ViewProps['parameters']): boolean =>
  tools.length >= MIN_TOOLS || tool !== undefined || state !== undefined;

/** The tools that an address asks for, in the order that they have. */
export const filterTools = (tools: readonly ToolNow[], parameters: ViewProps['parameters']): readonly ToolNow[] => {
  const part = (parameters.tool ?? '').toLowerCase();
  const states = Object.hasOwn(STATES, parameters.state ?? '') ? STATES[parameters.state ?? ''] : undefined;
  return tools.filter(
    ({ tool, status }) =>
      tool.tool_name.toLowerCase().includes(part) && (states === undefined || states.includes(status.state)),
  );
};
