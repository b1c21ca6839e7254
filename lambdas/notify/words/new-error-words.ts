import type { NewError } from '../../contract/incident-facts.ts';
import { quote, toForeign } from './clean-text.ts';
import { formatCount, formatSpan, formatTime } from './times.ts';

/** How many groups have a line of their own: there are lines for other things. */
const MAX_GROUPS = 2;
/** How much of what others wrote is shown, in characters. */
const MAX_MESSAGE = 200;
const MAX_TYPE = 80;
const MAX_ID = 128;
const MAX_NAME = 100;

const WHEN: Readonly<Record<NewError['state'], string>> = {
  new: 'New',
  ongoing: 'New',
  regressed: 'Back, although it was resolved,',
};

/** `12 min after version v42 was deployed` */
const afterDeployment = ({ since, deployed_version, deployed_at }: NewError): string =>
  `${formatSpan(Date.parse(since) - Date.parse(deployed_at))} after version ${toForeign(deployed_version, MAX_NAME)} was deployed`;

/** `41 calls of INTERNAL_ERROR, first 12 min after version v42 was deployed`; undefined where nothing is new. */
export const describeNewErrors = ([first]: readonly NewError[]): string | undefined =>
  first && `${formatCount(first.calls, 'call')} of ${first.error_code}, first ${afterDeployment(first)}`;

const describeIds = ({ correlation_id, trace_id }: NewError): string => {
  const ids = [
    ...(correlation_id === null ? [] : [`correlation id ${toForeign(correlation_id, MAX_ID)}`]),
    ...(trace_id === null ? [] : [`trace ${toForeign(trace_id, MAX_ID)}`]),
  ];
  return ids.length === 0 ? '' : ` Example: ${ids.join(', ')}.`;
};

const explainNewError = (error: NewError, now: number): string => {
  const { error_code, error_type, error_message, calls, users, since, state, group_id } = error;
  const type = error_type === null ? '' : ` (${toForeign(error_type, MAX_TYPE)})`;
  const message = error_message === null ? '' : `: ${quote(error_message, MAX_MESSAGE)}`;
  const counts = [formatCount(calls, 'call'), ...(users > 0 ? [formatCount(users, 'user')] : [])].join(', ');
  return (
    `${WHEN[state]} since ${formatTime(Date.parse(since), now)}, ${afterDeployment(error)}: ${error_code}${type}${message}, ` +
    `${counts}.${describeIds(error)} More: toolwatch errors show ${group_id}.`
  );
};

/** In which new ways calls fail: what, since when, how often, and an example. */
export const explainNewErrors = (errors: readonly NewError[], now: number): string[] => {
  const shown = errors.slice(0, MAX_GROUPS).map((error) => explainNewError(error, now));
  const more = (errors[0]?.groups ?? 0) - shown.length;
  return more > 0
    ? [...shown, `${more} more new group${more === 1 ? '' : 's'}: toolwatch errors list --state new.`]
    : shown;
};
