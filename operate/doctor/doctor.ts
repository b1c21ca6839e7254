import type { Check, Finding } from './finding.ts';

export interface Examined {
  findings: (Finding & { title: string })[];
  /** What could not be asked, and why. */
  unanswered: { title: string; why: string }[];
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|Unauthorized|not authorized/i.test(`${error.name} ${error.message}`);

const reasonOf = (error: unknown, { needs }: Check): string => {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return isRefusal(error) ? `${said} (it takes ${needs.join(', ')})` : said;
};

/** Asks each question in turn. Never rejects: a question that nobody answers is one of the answers. */
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
