/** Which notices of deployments go to the topic of warnings, beside the channels: those of a failure, all, or none. */
export const MAILED_DEPLOYMENTS = ['none', 'failed', 'all'] as const;
export type MailedDeployments = (typeof MAILED_DEPLOYMENTS)[number];
