import type { SelfCheckState } from '../contract/self-check.ts';
import { toFindingId } from '../monitoring/findings/finding-id.ts';
import { expectSchedules } from '../monitoring/findings/schedules.ts';
import { type ExpectedMonitoring, MONITORING_PARTS, type MonitoringClients } from '../monitoring/monitoring-parts.ts';

/** How many findings are named: each is a metric, and what is wrong with so many has one cause. */
const MAX_FINDINGS = 50;

/** Looks at all of it. What cannot be read is a finding too: nobody knows whether it is switched off. Never rejects. */
export const checkMonitoring = async (
  clients: MonitoringClients,
  expected: ExpectedMonitoring,
  before: SelfCheckState | undefined,
  now: number,
): Promise<SelfCheckState> => {
  const recipients: Record<string, Record<string, number>> = { ...before?.recipients };
  const onRecipients = (topic: string, known: Record<string, number>) => {
    recipients[topic] = known;
  };
  const look = { clients, expected, before, now, onRecipients };
  const examined = Object.entries(MONITORING_PARTS).map(async ([name, find]) => {
    try {
      return await find(look);
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const remedy = 'Its log has the reason; if a permission was removed, deploy again.';
      return [
        { id: `check/${name.replaceAll(' ', '-')}`, what: `The self-check cannot read the ${name}: ${reason}`, remedy },
      ];
    }
  });
  const findings = (await Promise.all(examined))
    .flat()
    .slice(0, MAX_FINDINGS)
    .map((finding) => ({ ...finding, id: toFindingId(finding.id) }));
  const since = new Map(before?.findings.map((finding) => [finding.id, finding.since]));
  return {
    at: now,
    schedules: expectSchedules(expected.schedules, before?.schedules ?? {}, now),
    recipients,
    findings: findings.map((finding) => ({ ...finding, since: since.get(finding.id) ?? now })),
  };
};

/** The ids of what was found before and is not any more. */
export const findMended = (before: SelfCheckState | undefined, after: SelfCheckState): string[] =>
  (before?.findings ?? []).map(({ id }) => id).filter((id) => !after.findings.some((finding) => finding.id === id));
