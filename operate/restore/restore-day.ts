import { type RestoreRequest, type RestoreResult, restoreResult } from '../../lambdas/contract/archive.ts';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { type Clients, invokeFunction } from '../invoke/invoke-function.ts';

/**
 * Has a day brought back file by file, and says so of each. Throws a sentence when there is no archive, when it is busy
 * or when it fails; the same again goes on, because what is there already stays.
 */
export const restoreDay = async (
  clients: Clients,
  functionName: string,
  { day, hold_days }: Omit<RestoreRequest, 'part'>,
  onFile: (result: RestoreResult) => void,
): Promise<RestoreResult> => {
  const invoked = {
    functionName,
    missing: 'the setting archive deploys it',
    busy: 'it is archiving or bringing something back; try again in a quarter of an hour',
  };
  let part: number | null = 0;
  for (;;) {
    const answer = await invokeFunction(clients, invoked, { restore: { day, part, hold_days } });
    const result: RestoreResult = parseAs(restoreResult, JSON.parse(answer), `The answer of ${functionName}`);
    onFile(result);
    if (result.next_part === null) return result;
    part = result.next_part;
  }
};
