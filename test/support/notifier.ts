import type { TemplateEdit } from '../../local/template-edits.ts';

/** The notifier waits for what may follow an alarm or its end, in windows: with this edit a second each. */
export const shortenWindows: TemplateEdit = (resources) => {
  for (const { Properties } of Object.values(resources)) {
    const variables = (Properties.Environment as { Variables?: Record<string, string> } | undefined)?.Variables;
    if (variables?.WINDOW_SECONDS !== undefined) variables.WINDOW_SECONDS = '1';
  }
};

/** The minutes of a warm-up do not pass here. */
export const withoutWarmUp: TemplateEdit = (resources) => {
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type === 'AWS::CloudWatch::Alarm') delete Properties.WarmUpConfiguration;
  }
};
