import * as z from 'zod';

const https = z.url({ protocol: /^https$/ });

/** What the links of notices are made from. */
export const noticeLinks = z.object({
  /** CloudWatch's console, up to the page: `https://…/cloudwatch/home?region=…#` */
  cloudWatch: https,
  /** The page of CloudFormation's console with all stacks. */
  stacks: https,
  /** The name of the log group of calls. */
  callLog: z.string().min(1),
  /** The dashboard; absent where there is none. */
  dashboard: https.optional(),
  /** Where the page is, without a path; absent where a browser cannot open it. */
  page: https.optional(),
  /** The runbook, of which a heading is a fragment; absent where nobody said where it is. */
  runbook: https.optional(),
});
export type NoticeLinks = z.infer<typeof noticeLinks>;
