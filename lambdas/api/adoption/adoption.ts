import {
  type AdoptedTool,
  type AdoptionReport,
  adoptionQuery,
  CALLS_A_WEEK,
  MAX_TENANTS,
  MAX_TOOLS,
  type Week,
} from '../../contract/api/adoption.ts';
import { DAY_MS } from '../../contract/durations.ts';
import { UNREGISTERED } from '../../contract/vocabulary.ts';
import { parseQuery } from '../request/query.ts';
import { readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

const WEEK_MS = 7 * DAY_MS;

type WeekRow = Omit<Week, 'active_users' | 'sessions' | 'people_since'>;
type PeopleRow = Pick<Week, 'from' | 'active_users' | 'sessions'> & {
  kept_since: string;
  calls_read: number;
  read_since: string | null;
};
type ToolRow = AdoptedTool & { tool_count: number };

/** A week with its users and sessions, where they were read. */
const withPeople = (week: WeekRow, people: PeopleRow | undefined): Week => {
  if (people === undefined) return { ...week, active_users: null, sessions: null, people_since: null };
  const { active_users, sessions, kept_since, calls_read, read_since } = people;
  const isCut = calls_read === CALLS_A_WEEK && read_since !== null;
  return { ...week, active_users, sessions, people_since: isCut ? read_since : kept_since };
};

/** GET /v1/adoption */
export const getAdoption: RouteHandler = async ({ database, tenantOf }, context) => {
  const { weeks } = parseQuery(adoptionQuery, context.req);
  const tenant = tenantOf(context);
  const untilMs = (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;
  const from = new Date(untilMs - weeks * WEEK_MS).toISOString();
  // To find a tenant's calls those of all tenants are read, so of a tenant only one week is.
  const weeksOfPeople = tenant === undefined ? weeks : 1;
  const peopleFrom = new Date(untilMs - weeksOfPeople * WEEK_MS).toISOString();
  const report = await readStore(database, tenant, async (reader): Promise<AdoptionReport> => {
    const rows = await reader.rows<WeekRow>('adoption-weeks', [from, weeks, UNREGISTERED, MAX_TENANTS]);
    const people = await reader.rows<PeopleRow>('adoption-people', [peopleFrom, weeksOfPeople, CALLS_A_WEEK]);
    const tools = await reader.rows<ToolRow>('adoption-tools', [from, weeks, UNREGISTERED, MAX_TOOLS]);
    return {
      ...(await readFreshness(reader)),
      weeks: rows.map((week) =>
        withPeople(
          week,
          people.find((row) => row.from === week.from),
        ),
      ),
      tools: tools.map(({ tool_count: _count, ...tool }) => tool),
      tool_count: tools[0]?.tool_count ?? 0,
      unused_tools: tools.flatMap(({ tool_name, is_deployed, calls }) =>
        is_deployed && calls === 0 ? [tool_name] : [],
      ),
    };
  });
  return Response.json(report);
};
