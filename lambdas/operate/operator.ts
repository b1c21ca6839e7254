import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { AUDIT_SCHEMA, type AuditLine, MAX_AUDIT_TEXT, MAX_CHANGE_BYTES } from '../contract/audit-line.ts';
import { cutText, cutToBytes, toLine } from '../contract/clean-line.ts';
import type { FrontDoorEnv } from '../contract/env/front-door.ts';
import { TEXT_LIMIT_BYTES } from '../contract/limits.ts';
import {
  findOperations,
  OPERATIONS,
  type Operation,
  type OperationAnswer,
  type OperationBody,
  type OperationName,
  type OperationQuery,
} from '../contract/operations.ts';
import { noQuery } from '../contract/queries.ts';
import { type Actor, actorOf } from '../front-door/actor.ts';
import { readJsonBody } from '../front-door/read-json-body.ts';
import { readQuery } from '../front-door/read-query.ts';
import { RefusedRequest, toAnswer, toFailure, toRefusal } from './errors.ts';

/** A request that was admitted and read. */
export interface OperationRequest<Name extends OperationName = OperationName> {
  readonly body: OperationBody<Name>;
  readonly query: OperationQuery<Name>;
  /** The parameters in the path. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly actor: Actor;
}

/** What the audit says of a request, whether or not it succeeded. */
type Described = Pick<AuditLine, 'target' | 'reason' | 'change'>;

/** How one operation is done. */
export interface OperationHandler<Name extends OperationName> {
  /** What is asked for; with the answer, what was done. Absent where nothing is changed. */
  describe?(request: OperationRequest<Name>, answer: OperationAnswer<Name> | undefined): Described;
  /** Throws a `RefusedRequest` for what cannot be done as it is asked for, and anything else where it fails. */
  perform(request: OperationRequest<Name>): Promise<OperationAnswer<Name>>;
}

export type OperationHandlers = { readonly [Name in OperationName]: OperationHandler<Name> };

export interface OperatorParts {
  readonly handlers: OperationHandlers;
  readonly frontDoor: FrontDoorEnv;
  /** Writes a line of the audit. */
  readonly writeAudit: (line: AuditLine) => void;
  /** Called with every error that is not the sender's fault. */
  readonly onError: (error: Error) => void;
  readonly now?: () => number;
}

const ALL_NAMES = Object.keys(OPERATIONS).join(', ');
const isChange = (name: OperationName): boolean => (OPERATIONS[name] as Operation).action !== undefined;

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const decode = (text: string, name: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RefusedRequest(400, `The path holds no ${name}: write it percent-encoded, for example %25 for %.`, [
      name,
    ]);
  }
};

/** The query of a request. Throws a `RefusedRequest` that names what is wrong with it. */
const readQueryOf = <Name extends OperationName>(name: Name, text: string): OperationQuery<Name> => {
  const { query = noQuery }: Operation = OPERATIONS[name];
  const read = readQuery(query, new URLSearchParams(text));
  if ('refused' in read) throw new RefusedRequest(400, read.refused.message, read.refused.parameters);
  return read.data as OperationQuery<Name>;
};

/** Answers the requests of the operator, and writes a line of the audit for each change and each attempt at one. */
export class Operator {
  private readonly parts: OperatorParts;

  constructor(parts: OperatorParts) {
    this.parts = parts;
  }

  /** Answers a request in payload format 2.0. Never rejects. */
  async answer(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
    const found = findOperations(event.rawPath);
    const methods = found.map(({ method }) => method).join(', ');
    const asked = found.find(({ method }) => method === event.requestContext.http.method.toUpperCase());
    try {
      if (found.length === 0)
        throw new RefusedRequest(404, `There is nothing at this path. The requests are: ${ALL_NAMES}.`);
      if (!asked) throw new RefusedRequest(405, `This path takes ${methods}.`);
      const actor = this.admit(event);
      const parameters = Object.fromEntries(
        Object.entries(asked.parameters).map(([name, text]) => [name, decode(text, name)]),
      );
      const read = readJsonBody(OPERATIONS[asked.name].body, event);
      if ('refused' in read)
        throw new RefusedRequest(read.refused.status, read.refused.message, read.refused.parameters);
      const query = readQueryOf(asked.name, event.rawQueryString);
      return await this.perform(asked.name, { body: read.data, query, parameters, actor });
    } catch (error) {
      if (error instanceof RefusedRequest) return toRefusal(error, error.status === 405 ? { allow: methods } : {});
      const failure = toError(error);
      this.parts.onError(failure);
      return toFailure(failure, { isRead: asked !== undefined && !isChange(asked.name) });
    }
  }

  /** Throws a `RefusedRequest` for anybody but the operator. */
  private admit(event: APIGatewayProxyEventV2): Actor {
    const actor = actorOf(event, this.parts.frontDoor);
    if ('refused' in actor) throw new RefusedRequest(actor.refused.status, actor.refused.message);
    return actor;
  }

  private async perform<Name extends OperationName>(
    name: Name,
    request: OperationRequest<Name>,
  ): Promise<APIGatewayProxyStructuredResultV2> {
    const handler: OperationHandler<Name> = this.parts.handlers[name];
    const performed = await handler.perform(request).catch((error: unknown) => {
      this.audit(name, request, handler.describe?.(request, undefined), toError(error));
      throw error;
    });
    this.audit(name, request, handler.describe?.(request, performed), undefined);
    return toAnswer(200, performed);
  }

  private audit(
    name: OperationName,
    { actor }: Pick<OperationRequest, 'actor'>,
    described: Described | undefined,
    error: Error | undefined,
  ) {
    const { action }: Operation = OPERATIONS[name];
    if (!described || action === undefined) return;
    const { target, reason, change } = described;
    const now = this.parts.now ?? Date.now;
    const isSmall = Buffer.byteLength(JSON.stringify(change ?? {})) <= MAX_CHANGE_BYTES;
    this.parts.writeAudit({
      schema: AUDIT_SCHEMA,
      audit_id: randomUUID(),
      at: new Date(now()).toISOString(),
      ...actor,
      action,
      target: cutToBytes(toLine(target), TEXT_LIMIT_BYTES) || '-',
      ...(reason !== undefined && { reason: cutText(toLine(reason), MAX_AUDIT_TEXT) }),
      success: error === undefined,
      ...(error && { error: cutText(toLine(error.message), MAX_AUDIT_TEXT) }),
      ...(change && { change: isSmall ? change : { left_out: 'the change is too large' } }),
    });
  }
}
