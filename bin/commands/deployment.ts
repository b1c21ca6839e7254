import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { STSClient } from '@aws-sdk/client-sts';
import type { ArgsDef } from 'citty';
import { deploymentNameOf } from '../../lib/deployment-name.ts';
import { readSettings } from '../../lib/settings.ts';
import { findLocalAws } from '../../local/folder.ts';
import { type Clients, identifyFunction } from '../../operate/invoke/invoke-function.ts';

const DEFAULT_SETTINGS = 'cdk.json';

/** An option that takes a text. */
export const textOption = (description: string, valueHint: string) =>
  ({ type: 'string', description, valueHint }) as const;

/** The options by which every command finds the AWS and the settings of a deployment. */
export const SETTINGS_OPTIONS = {
  settings: {
    type: 'string',
    description: "The deployment's settings, in the form of cdk.json, which is the default",
    valueHint: 'FILE',
  },
  local: { type: 'boolean', description: 'Ask the npm start that runs on this machine' },
  data: { type: 'string', description: 'The folder of that npm start, if it has one of its own', valueHint: 'FOLDER' },
} as const satisfies ArgsDef;

/** Beside those, the option of commands that invoke a function. */
export const DEPLOYMENT_OPTIONS = {
  ...SETTINGS_OPTIONS,
  function: {
    type: 'string',
    description: 'The function to invoke, where the settings are in another app',
    valueHint: 'NAME',
  },
} as const satisfies ArgsDef;

export interface SettingsArguments {
  settings?: string | undefined;
  local?: boolean | undefined;
  data?: string | undefined;
}

export interface DeploymentArguments extends SettingsArguments {
  function?: string | undefined;
}

type AwsClientOptions = Partial<ReturnType<typeof findLocalAws>>;

/** The AWS that is asked: that of an `npm start` on this machine, or that of the environment. */
export const findAws = ({ local, data }: SettingsArguments): AwsClientOptions =>
  local || data !== undefined ? findLocalAws(data) : {};

/** The deployment's settings and name. Throws a sentence when they are wrong, or not there. */
export const readDeployment = ({ settings: file = DEFAULT_SETTINGS }: SettingsArguments) => {
  if (!existsSync(file)) throw new Error(`There is no ${file}; name the settings with --settings.`);
  const settings = readSettings(file);
  return { settings, service: deploymentNameOf(settings) };
};

/** How to reach a deployment. */
export interface FoundDeployment {
  /** For clients of AWS: empty unless it is on this machine, because they find credentials and region themselves. */
  client: AwsClientOptions;
  /** The name of the function of the part that is asked for. */
  functionName: string;
}

const readName = (file: string): string => {
  if (existsSync(file)) return deploymentNameOf(readSettings(file));
  throw new Error(`There is no ${file}; name the settings with --settings, or the function with --function.`);
};

/** Finds a deployment by the options. Throws a sentence when the settings are wrong or nothing runs here. */
export const findDeployment = (args: DeploymentArguments, part: string): FoundDeployment => ({
  client: findAws(args),
  functionName: args.function ?? `${readName(args.settings ?? DEFAULT_SETTINGS)}-${part}`,
});

/** The function of a part of a deployment, and the clients that invoke it by the name of whoever signed in to AWS. */
export const reachFunction = (args: DeploymentArguments, part: string): { clients: Clients; functionName: string } => {
  const { client, functionName } = findDeployment(args, part);
  return { clients: { lambda: new LambdaClient(client), sts: new STSClient(client) }, functionName };
};

/** What tells a deployment from others of its name: its account and region, or the folder of an npm start. */
export const identifyDeployment = async (args: DeploymentArguments, part: string): Promise<string> => {
  const { clients, functionName } = reachFunction(args, part);
  const folder = args.data === undefined ? '' : `, ${resolve(args.data)}`;
  return `${await identifyFunction(clients, functionName)}${folder}`;
};
