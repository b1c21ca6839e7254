import type { Clock } from '../clock.ts';
import type { Alarms } from '../cloudwatch/alarms.ts';
import type { Events } from '../events/events.ts';
import type { Iam } from '../iam/iam.ts';
import type { Place } from '../place.ts';

/** The share of the calls that the new version receives, from a time after the start of the shift. */
export interface Step {
  percent: number;
  afterMs: number;
}

export interface DeploymentGroup {
  name: string;
  application: string;
  role: string;
  /** The name of its deployment config. */
  config: string;
  alarms: string[];
  /** The events that make CodeDeploy roll back automatically: `DEPLOYMENT_STOP_ON_ALARM`, … */
  rollbackEvents: string[];
}

export interface CodeDeployOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  alarms: () => Alarms;
  /** Learns how each shift is doing. */
  events: Pick<Events, 'put'>;
  /** Receives a sentence at each step of a shift. */
  onShift: (sentence: string) => void;
}

export interface CodeDeployState extends CodeDeployOptions {
  applications: Set<string>;
  /** By name. */
  configs: Map<string, Step[]>;
  /** By application and name. */
  groups: Map<string, DeploymentGroup>;
}
