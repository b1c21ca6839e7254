/** The account, region and partition that ARNs and messages name. The emulator contacts none of them. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/** An ARN in this place; `resource` contains its own separators, as in `function:name`. */
export const arnOf = ({ partition, region, account }: Place, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;
