import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Iam } from '../iam/iam.ts';
import type { Place } from '../place.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { variablesOf } from './variables.ts';
import type { Configuration, Version } from './versions.ts';

interface PoolOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  /** Where functions find AWS. */
  endpoint: () => string;
  /** Local files that stand in for files of `/var/task`, by their name there. */
  standIns: Readonly<Record<string, string>>;
  /** A line that a process of this configuration wrote, and the log stream it belongs to. */
  onLine: (name: string, configuration: Configuration, stream: string, line: string) => void;
}

/** A process that is in use. */
export interface Taken {
  environment: Environment;
  stream: string;
  /** Keeps it for the next invocation, unless it is dead or what it runs has been replaced or taken away. */
  giveBack(): void;
}

/** An environment nobody used for so long is ended, in milliseconds. */
const IDLE_MS = 10 * 60_000;

/** The processes functions run in: each serves one invocation at a time and is kept for the next of its version. */
export const createPool = ({ place, clock, iam, endpoint, standIns, onLine }: PoolOptions) => {
  const environments = new Set<Environment>();
  const streams = new WeakMap<Environment, string>();

  const start = (name: string, { number, configuration }: Version): Environment => {
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const stream = `${day}/${name}[${number}]${randomBytes(16).toString('hex')}`;
    const credentials = iam.credentialsOf(configuration.role);
    const environment = startEnvironment({
      ...configuration,
      variables: variablesOf({
        name,
        version: number,
        configuration,
        stream,
        place,
        credentials,
        endpoint: endpoint(),
        standIns,
      }),
      onLine: (line) => onLine(name, configuration, stream, line),
    });
    environments.add(environment);
    streams.set(environment, stream);
    return environment;
  };

  const end = async (environment: Environment): Promise<void> => {
    environments.delete(environment);
    await environment.stop();
  };

  const setAside = (idle: Environment[], environment: Environment): void => {
    idle.push(environment);
    clock.after(IDLE_MS, async () => {
      const index = idle.indexOf(environment);
      if (index < 0) return;
      idle.splice(index, 1);
      await end(environment);
    });
  };

  return {
    /** A waiting process of this version of the named function, or a new one. */
    take: (name: string, version: Version): Taken => {
      const { idle } = version;
      const environment = idle.pop() ?? start(name, version);
      return {
        environment,
        stream: streams.get(environment) ?? '',
        giveBack: () => {
          if (!environment.isAlive()) environments.delete(environment);
          else if (version.idle === idle) setAside(idle, environment);
          else void end(environment);
        },
      };
    },

    /** Ends a version's waiting processes, and those at work when they are done. */
    retire: async (version: Version): Promise<void> => {
      const { idle } = version;
      version.idle = [];
      await Promise.all(idle.splice(0).map(end));
    },

    /** Ends every process. */
    stop: async (): Promise<void> => {
      await Promise.all([...environments].map((environment) => environment.stop()));
    },
  };
};
