import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type { Database } from '../../database/database.ts';
import type { Actor } from '../../front-door/actor.ts';
import type { RoutableEvent } from '../request/routable.ts';

/** What the handlers of all changes share. */
export interface ChangeParts {
  /** For reading, as the operator. */
  database: Database;
  /** Signed in as the role that may change what people may change. */
  editor: Database;
  /** The names of the channels for notices in the settings. */
  channelNames: readonly string[];
  /** How often a job is tried; undefined where nothing makes jobs. */
  jobAttempts: number | undefined;
  /** Whether calls belong to tenants. */
  hasTenants: boolean;
}

/** A request whose event has what arrived. */
export type ChangeContext = Omit<RequestContext, 'event'> & { event: RoutableEvent };

/** Answers a request of the operator to change something. */
export type ChangeHandler = (parts: ChangeParts, context: ChangeContext, actor: Actor) => Promise<Response>;
