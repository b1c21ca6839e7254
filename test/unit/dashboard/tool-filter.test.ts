import { expect, test } from 'vitest';
import { filterTools, needsFilter } from '../../../dashboard/views/now/tool-filter.ts';

const TOOLS = [
  ['order_status', 'failing'],
  ['place_order', 'warning'],
  ['sales_report', 'quiet'],
  ['regex_search', 'healthy'],
].map(([tool_name, state]) => ({ tool: { tool_name }, status: { state } })) as unknown as Parameters<
  typeof filterTools
>[0];

test.each([
  [{}, ['order_status', 'place_order', 'sales_report', 'regex_search']],
  [{ tool: 'ORDER' }, ['order_status', 'place_order']],
  [{ state: 'wrong' }, ['order_status', 'place_order']],
  [{ state: 'quiet' }, ['sales_report']],
  [{ tool: 'report', state: 'healthy' }, []],
  [{ state: 'toString' }, ['order_status', 'place_order', 'sales_report', 'regex_search']],
])('an address with %j shows %j', (parameters, names) => {
  expect(filterTools(TOOLS, parameters).map(({ tool }) => tool.tool_name)).toEqual(names);
});

test('a filter is there where tools are many, or where the address has one', () => {
  expect(needsFilter(TOOLS, {})).toBe(false);
  expect(needsFilter(TOOLS, { state: 'wrong' })).toBe(true);
  expect(needsFilter([...TOOLS, ...TOOLS, ...TOOLS, ...TOOLS], {})).toBe(true);
});
