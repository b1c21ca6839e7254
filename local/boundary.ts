import { readFileSync } from 'node:fs';
import type { AccountPolicies } from '../emulator/iam/managed-policies.ts';
import type { Place } from '../emulator/place.ts';
import type { Settings } from '../lib/settings.ts';

/** The policy that bounds the roles of a local run, by its ARN there; none where the settings name no file of it. */
export const readBoundary = (
  { roles: { permissionsBoundary, boundaryFile } }: Pick<Settings, 'roles'>,
  { partition, account }: Place,
): AccountPolicies => {
  if (permissionsBoundary === undefined || boundaryFile === undefined) return {};
  const arn = permissionsBoundary.startsWith('arn:')
    ? permissionsBoundary
    : `arn:${partition}:iam::${account}:policy/${permissionsBoundary}`;
  return { [arn]: JSON.parse(readFileSync(boundaryFile, 'utf8')) };
};
