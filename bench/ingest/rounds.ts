import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { generateCalls } from '../store/generate.ts';

const SPAN_MS = 60_000;
/** Far enough back that all rounds' calls are in the past. */
const FIRST_ROUND_AGO_MS = 7_200_000;

/** Generates the calls of one round after another, each round a minute after the one before. */
export class Rounds {
  readonly rows: number;
  readonly batch: number;
  readonly #fromMs = Date.now() - FIRST_ROUND_AGO_MS;
  #round = 0;

  constructor(rows: number, batch: number) {
    this.rows = rows;
    this.batch = batch;
  }

  next(rows = this.rows): Invocation[][] {
    const traffic = {
      seed: this.#round,
      fromMs: this.#fromMs + this.#round * SPAN_MS,
      spanMs: SPAN_MS,
      calls: rows,
    };
    this.#round += 1;
    return Array.from({ length: Math.ceil(rows / this.batch) }, (_, index) =>
      generateCalls(traffic, index * this.batch, this.batch),
    );
  }
}
