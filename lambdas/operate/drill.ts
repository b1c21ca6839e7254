import {
  DRILL_REPORT_ID,
  drillConfirmation,
  drillMessage,
  drillReport,
  idOfConfirmation,
  idOfDrillMessage,
  type LastDrill,
} from '../contract/drill.ts';
import { SEVERITIES } from '../contract/severity.ts';
import { channelOfWay } from '../contract/ways.ts';
import type { TableItems } from '../monitoring/table-items.ts';
import { RefusedRequest } from './errors.ts';
import type { OperationHandlers } from './operator.ts';

interface DrillParts {
  readonly items: TableItems;
  readonly now: () => number;
}

/** What the last drill found, with what people have said of that drill, and not of an earlier one. */
const readLastDrill = async ({ items }: DrillParts): Promise<LastDrill> => {
  const report = await items.read(DRILL_REPORT_ID, drillReport);
  if (!report) return { started_at: null, ways: [] };
  const ways = report.ways.map(async (way) => {
    const channel = channelOfWay(way.way);
    const confirmed =
      channel === undefined ? undefined : await items.read(idOfConfirmation(channel), drillConfirmation);
    if (!confirmed || confirmed.at < report.started_at) return way;
    return { ...way, confirmed_by: confirmed.actor, confirmed_at: confirmed.at };
  });
  return { started_at: report.started_at, ways: await Promise.all(ways) };
};

/** The channels that the last drill went to, also while it is not over: people see it before it has found everything. */
const findDrilledChannels = async ({ items }: DrillParts): Promise<string[]> => {
  const [report, ...messages] = await Promise.all([
    items.read(DRILL_REPORT_ID, drillReport),
    ...SEVERITIES.map((severity) => items.read(idOfDrillMessage(severity), drillMessage)),
  ]);
  const ways = [
    ...(report?.ways.map(({ way }) => way) ?? []),
    ...messages.flatMap((message) => message?.published ?? []),
  ];
  return [...new Set(ways.flatMap((way) => channelOfWay(way) ?? []))];
};

type DrillOperations = Pick<OperationHandlers, 'GET /v1/drill' | 'PUT /v1/drill/confirmations/:channel'>;

/** What became of the last drill, and that people have seen it. */
export const createDrillHandlers = (parts: DrillParts): DrillOperations => ({
  'GET /v1/drill': { perform: () => readLastDrill(parts) },
  'PUT /v1/drill/confirmations/:channel': {
    describe: ({ parameters: { channel = '-' } }) => ({ target: channel }),
    perform: async ({ parameters: { channel = '' }, actor: { actor } }) => {
      const known = await findDrilledChannels(parts);
      if (!known.includes(channel)) {
        const others =
          known.length > 0 ? `The channels of the last one are: ${known.join(', ')}.` : 'There was none yet.';
        throw new RefusedRequest(404, `No drill went to a channel ${channel}. ${others}`, ['channel']);
      }
      await parts.items.write(idOfConfirmation(channel), { actor, at: new Date(parts.now()).toISOString() });
      return readLastDrill(parts);
    },
  },
});
