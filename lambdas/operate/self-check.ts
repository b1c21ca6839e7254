import { SELF_CHECK_ID, type SelfCheckReport, selfCheckState } from '../contract/self-check.ts';
import type { TableItems } from '../monitoring/table-items.ts';
import type { OperationHandlers } from './operator.ts';

const iso = (at: number): string => new Date(at).toISOString();

const readReport = async (items: TableItems): Promise<SelfCheckReport> => {
  const state = await items.read(SELF_CHECK_ID, selfCheckState);
  if (!state) return { checked_at: null, findings: [] };
  const findings = state.findings.map((finding) => ({ ...finding, since: iso(finding.since) }));
  return { checked_at: iso(state.at), findings };
};

/** GET /v1/self-check. */
export const createSelfCheckHandlers = (items: TableItems): Pick<OperationHandlers, 'GET /v1/self-check'> => ({
  'GET /v1/self-check': { perform: () => readReport(items) },
});
