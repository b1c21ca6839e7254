/** The account and region the template is run as. Nothing here reaches either. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/** An ARN in this place; `resource` carries its own separators, as in `function:name`. */
export const arnOf = ({ partition, region, account }: Place, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

/** What follows the account in an ARN. */
export const resourceOf = (arn: string): string => arn.split(':').slice(5).join(':');
