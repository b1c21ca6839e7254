import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';
import { type SqlAnswer, type SqlRequest, sqlAnswer } from '../../lambdas/contract/sql.ts';
import { type Clients, findPrincipal, invokeFunction } from '../invoke/invoke-function.ts';

const missing = 'deploy with the setting sql: true, in this account and region, or name the function with --function';
const busy = 'as many statements run already as may run at once; try again';

/** Has the function answer a statement. Throws a sentence when the function cannot be invoked, or fails. */
export const askFunction = async (clients: Clients, functionName: string, request: SqlRequest): Promise<SqlAnswer> => {
  const principal = await findPrincipal(clients);
  const event = { ...request, ...(principal !== undefined && { asked_by: principal }) };
  const payload = await invokeFunction(clients, { functionName, missing, busy }, event);
  return parseAs(sqlAnswer, parseJson(payload), `The answer of ${functionName}`);
};
