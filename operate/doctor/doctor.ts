import type { Check, Finding } from './finding.ts';

/** What a run of checks found. */
export interface Examined {
  findings: (Finding & { title: string })[];
  /** What could not be checked, and why. */
  unanswered: { title: string; why: string }[];
}

const isAccessDenied = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|Unauthorized|not authorized/i.test(`${error.name} ${error.message}`);

const reasonOf = (error: unknown, { needs }: Check): string => {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return isAccessDenied(error) ? `${reason} (it needs ${needs.join(', ')})` : reason;
};

/** Runs the checks one after another. Never rejects: a check that fails to run is part of the result. */
export const examine = async (checks: readonly Check[], onBegin: (title: string) => void): Promise<Examined> => {
  const examined: Examined = { findings: [], unanswered: [] };
  for (const check of checks) {
    const { title } = check;
    onBegin(title);
    try {
      examined.findings.push(...(await check.findings()).map((finding) => ({ title, ...finding })));
    } catch (error) {
      examined.unanswered.push({ title, why: reasonOf(error, check) });
    }
  }
  return examined;
};
