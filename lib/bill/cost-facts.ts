import type { CostFacts } from '../../lambdas/contract/api/costs.ts';
import { DEFAULT_MEMORY_MB } from '../../lambdas/contract/tool-facts.ts';
import type { ListedTool } from '../listed-tool.ts';
import prices from './prices.json' with { type: 'json' };

/** What the api computes the costs of calls from: the memory of each tool's function, and the prices of the bill. */
export const costFactsOf = (tools: readonly ListedTool[]): CostFacts => ({
  memoryMb: Object.fromEntries(tools.map(({ facts }) => [facts.name, facts.memoryMb ?? DEFAULT_MEMORY_MB])),
  prices: {
    as_of: prices.asOf,
    region: prices.region,
    gb_second_usd: prices.lambda.gbSecond,
    million_requests_usd: prices.lambda.millionRequests,
  },
});
