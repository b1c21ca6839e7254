import { DAY_MS } from '../contract/durations.ts';
import { evaluateExpiry } from '../contract/health/components.ts';
import type { CredentialCheck } from '../contract/health/declarations.ts';
import type { CheckFinding } from '../observe/health/finding.ts';

/** How long the credential may still be used, by the day on which it was renewed. */
export const checkCredential = (check: CredentialCheck, now: number): CheckFinding => {
  const finding = evaluateExpiry(Date.parse(check.renewedOn) + check.maxAgeDays * DAY_MS, now, check.warnDays);
  return finding.status === 'unhealthy' ? { ...finding, failure: 'too_old' } : finding;
};
