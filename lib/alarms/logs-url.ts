import type { Construct } from 'constructs';
import { cloudWatchUrl } from '../console.ts';
import { encodeLogGroupName } from '../existing/log-group-name.ts';

/**
 * The CloudWatch Logs Insights page of a query over the last hour, as the console writes its addresses: its own
 * notation (`~(key~'value)`), percent-encoded twice with `$` and `*` for `%`.
 */
export function logsUrl(scope: Construct, logGroup: string, query: string): string {
  const encode = (value: string) => encodeEverything(value).replaceAll('%', '*');
  const detail = `~(end~0~start~-3600~timeType~'RELATIVE~unit~'seconds~editorString~'${encode(query)}~source~(~'`;
  const hash = encodeURIComponent(`queryDetail=${detail}`).replaceAll('%', '$');
  return cloudWatchUrl(scope, `logsV2:logs-insights$3F${hash}${encodeLogGroupName(logGroup, encode)}))`);
}

/** As `encodeURIComponent`, and what that leaves: the notation gives a meaning to these as well. */
const encodeEverything = (value: string): string =>
  encodeURIComponent(value).replaceAll(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
