import { createCodeDeployHandlers } from './resources.ts';
import { checkGroup, type Shift, shiftTraffic } from './shift.ts';
import type { CodeDeployOptions, CodeDeployState, DeploymentGroup } from './state.ts';

interface GroupReference {
  ApplicationName: string;
  DeploymentGroupName: string;
}

const findGroup = (
  { groups }: CodeDeployState,
  { ApplicationName, DeploymentGroupName }: GroupReference,
): DeploymentGroup => {
  const group = groups.get(`${ApplicationName}/${DeploymentGroupName}`);
  if (group) return group;
  throw new Error(`there is no deployment group ${DeploymentGroupName} of ${ApplicationName}`);
};

/** Shifts the traffic of aliases from one version to the next. */
export const createCodeDeploy = (options: CodeDeployOptions) => {
  const state: CodeDeployState = { ...options, applications: new Set(), configs: new Map(), groups: new Map() };
  return {
    /** Throws, with the reason, if the group could not shift the traffic of this alias. */
    check: (reference: GroupReference, aliasArn: string): void =>
      checkGroup(state, findGroup(state, reference), aliasArn),

    /** Shifts the calls of an alias to a new version. Rejects, as `shiftTraffic` does, when it has to stop. */
    shift: async (reference: GroupReference, shift: Shift): Promise<void> =>
      shiftTraffic(state, findGroup(state, reference), shift),

    handlers: createCodeDeployHandlers(state),
  };
};

export type CodeDeploy = ReturnType<typeof createCodeDeploy>;
