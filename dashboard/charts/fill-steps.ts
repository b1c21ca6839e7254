/** One step of a trend: what was counted in it. */
export interface Step {
  readonly at: string;
}

export interface FilledStep<Counted> {
  /** The start of the step, in seconds since 1970, as the chart has its times. */
  readonly second: number;
  /** Undefined for a step without calls, which an answer leaves out. */
  readonly counted: Counted | undefined;
}

/** The most steps that are drawn: a screen has no more places. */
const MAX_STEPS = 2_000;

/** Every step from `from` to `until` in order, with what was counted in each. All times are in milliseconds. */
export const fillSteps = <Counted extends Step>(
  points: readonly Counted[],
  { from, until, step }: { readonly from: number; readonly until: number; readonly step: number },
): FilledStep<Counted>[] => {
  const first = Math.floor(from / step);
  const count = Math.min(MAX_STEPS, Math.max(1, Math.ceil(until / step) - first));
  const byStep = new Map(points.map((point) => [Math.floor(Date.parse(point.at) / step), point]));
  return Array.from({ length: count }, (_, index) => ({
    second: ((first + index) * step) / 1_000,
    counted: byStep.get(first + index),
  }));
};
