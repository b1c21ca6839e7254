import { ArnFormat, type Stack } from 'aws-cdk-lib';

/** The ARN of the alarm of a name in a stack's account and region, whichever stack has it. */
export const alarmArn = (stack: Stack, name: string): string =>
  stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
