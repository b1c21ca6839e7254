/** A rule that labels tools by the beginning of their names. */
export interface LabelRule {
  /** What the tool's name begins with. */
  prefix: string;
  gptName?: string | undefined;
  provider?: string | undefined;
  domain?: string | undefined;
}

const LABELS = ['gptName', 'provider', 'domain'] as const;
type RuleLabels = Partial<Record<(typeof LABELS)[number], string>>;

/** The labels that rules give to a tool: each is that of the rule with the longest prefix that states it. */
export function labelsByRules(name: string, rules: readonly LabelRule[]): RuleLabels {
  const matching = rules
    .filter(({ prefix }) => name.startsWith(prefix))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  const labels: RuleLabels = {};
  for (const label of LABELS) {
    const value = matching.find((rule) => rule[label])?.[label];
    if (value) labels[label] = value;
  }
  return labels;
}
