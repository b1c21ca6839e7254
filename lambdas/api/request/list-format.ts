import { cellsOf, nameOfColumn } from '../../contract/columns.ts';
import { ENDPOINTS, type Endpoint, type EndpointPath } from '../../contract/endpoints.ts';
import { type ListTable, listTableOf } from '../../contract/list-table.ts';
import { toRoute } from '../../contract/request-names.ts';
import { InvalidParametersError } from './query.ts';

/** Refuses `format` for an answer that has only one. */
const refuseFormat = (): never => {
  const paths = Object.entries<Endpoint>(ENDPOINTS)
    .filter(([, { list }]) => list !== undefined)
    .map(([path]) => toRoute(path));
  throw new InvalidParametersError(
    `Parameter format: this path answers in one format; leave it out. CSV is answered by ${paths.join(', ')}.`,
    ['format'],
  );
};

/** The trend of a tool on the last day of November is `toolwatch-tools-trend-2026-11-30.csv`. */
const fileNameOf = (path: string, list: string | undefined, now: Date): string => {
  const words = path.split('/').filter((word) => !/^(|v1|api|:.*)$/.test(word));
  const ofOne = /\/:\w+$/.test(path) ? [list] : [];
  return `${['toolwatch', ...words, ...ofOne, now.toISOString().slice(0, 10)].join('-')}.csv`;
};

/** The address of the rows that follow, relative to the request's own: no proxy changes what it is. */
const linkToNext = (asked: URLSearchParams, next: string): string => {
  const following = new URLSearchParams(asked);
  following.set('after', next);
  return `<?${following}>; rel="next"`;
};

const toCsv = async (
  path: string,
  { place, columns }: ListTable,
  answer: object,
  asked: URLSearchParams,
): Promise<Response> => {
  const { formatRows } = await import('../../csv/format-rows.ts');
  const list = place.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], answer) as object[];
  const rows = [columns.map(nameOfColumn), ...list.map((row) => cellsOf(columns, row))];
  const { next } = answer as { next?: string | null };
  return new Response(formatRows(rows, { escapesFormulas: true, newline: '\r\n' }), {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${fileNameOf(path, place.at(-1), new Date())}"`,
      ...(next && { link: linkToNext(asked, next) }),
    },
  });
};

/** What `read` answers, in the format that is asked for. */
export const answerInFormat = async (
  path: EndpointPath,
  request: Request,
  read: () => Promise<Response>,
): Promise<Response> => {
  const asked = new URL(request.url).searchParams;
  if (!asked.has('format')) return read();
  const endpoint: Endpoint = ENDPOINTS[path];
  const table = listTableOf(endpoint) ?? refuseFormat();
  const response = await read();
  if (asked.get('format') !== 'csv' || response.status !== 200) return response;
  return toCsv(path, table, await response.json(), asked);
};
