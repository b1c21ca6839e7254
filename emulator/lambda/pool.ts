import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Iam } from '../iam/iam.ts';
import type { Place } from '../place.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { variablesOf } from './variables.ts';
import type { Configuration, Version } from './versions.ts';

export interface PoolOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  /** The URL at which functions reach AWS. */
  endpoint: () => string;
  /** Local files that replace files of `/var/task`, by their name there. */
  fileOverrides: Readonly<Record<string, string>>;
  /** The file with the certificate authorities that functions trust beside the public ones. */
  authorityFile?: string | undefined;
  /** Receives each line that a process writes, with the function's name and the process's log stream. */
  onLine: (name: string, configuration: Configuration, stream: string, line: string) => void;
}

/** An environment that is reserved for one invocation. */
export interface Lease {
  environment: Environment;
  stream: string;
  /** Returns it to the pool, unless its process has ended or its version has been replaced or removed. */
  release(): void;
}

/** How long an unused environment stays before it is stopped, in milliseconds. */
const IDLE_TIMEOUT_MS = 10 * 60_000;

/** The processes that functions run in. Each serves one invocation at a time and is reused for its own version only. */
export class EnvironmentPool {
  private readonly environments = new Set<Environment>();
  private readonly streams = new WeakMap<Environment, string>();
  private readonly options: PoolOptions;

  constructor(options: PoolOptions) {
    this.options = options;
  }

  /** An idle environment of this version of the named function, or a new one. */
  acquire(name: string, version: Version): Lease {
    const { idle } = version;
    const environment = idle.pop() ?? this.start(name, version);
    return {
      environment,
      stream: this.streams.get(environment) ?? '',
      release: () => {
        if (!environment.isAlive()) this.environments.delete(environment);
        else if (version.idle === idle) this.makeIdle(idle, environment);
        else void this.end(environment);
      },
    };
  }

  /** Stops a version's idle environments, and the busy ones once their invocation ends. */
  async retire(version: Version): Promise<void> {
    const { idle } = version;
    version.idle = [];
    await Promise.all(idle.splice(0).map((environment) => this.end(environment)));
  }

  /** Stops every environment. */
  async stop(): Promise<void> {
    await Promise.all([...this.environments].map((environment) => environment.stop()));
  }

  private start(name: string, { number, configuration }: Version): Environment {
    const { place, clock, iam, endpoint, fileOverrides, authorityFile, onLine } = this.options;
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const stream = `${day}/${name}[${number}]${randomBytes(16).toString('hex')}`;
    const environment = startEnvironment({
      ...configuration,
      variables: variablesOf({
        name,
        version: number,
        configuration,
        stream,
        place,
        credentials: iam.credentialsOf(configuration.role),
        endpoint: endpoint(),
        fileOverrides,
        authorityFile,
      }),
      onLine: (line) => onLine(name, configuration, stream, line),
    });
    this.environments.add(environment);
    this.streams.set(environment, stream);
    return environment;
  }

  private makeIdle(idle: Environment[], environment: Environment): void {
    idle.push(environment);
    this.options.clock.after(IDLE_TIMEOUT_MS, async () => {
      const index = idle.indexOf(environment);
      if (index < 0) return;
      idle.splice(index, 1);
      await this.end(environment);
    });
  }

  private async end(environment: Environment): Promise<void> {
    this.environments.delete(environment);
    await environment.stop();
  }
}
