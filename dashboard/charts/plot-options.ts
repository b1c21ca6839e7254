import uPlot from 'uplot';
import { formatClock } from '../words/format.ts';
import { type Colour, colourOf } from './colours.ts';

/** What is drawn of each step. */
interface Series {
  readonly label: string;
  readonly colour: Colour;
  readonly kind: 'bars' | 'line';
  /** As many as there are steps; null where there is none. */
  readonly values: readonly (number | null)[];
  /** How high it is drawn, where that is not its value: bars that stand on others. */
  readonly drawn?: readonly (number | null)[];
}

/** A moment that is marked, such as a deployment. */
export interface Mark {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly label: string;
}

/** A limit that values should stay below. */
export interface Limit {
  readonly value: number;
  readonly label: string;
}

export interface ChartContent {
  /** The starts of the steps, in seconds since 1970. */
  readonly seconds: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number | null) => string;
  /** The same at the axis, where there is less room. */
  readonly formatAxis?: (value: number | null) => string;
  /** Whether its steps are days of UTC, whatever time zone the reader is in. */
  readonly isByUtcDay?: boolean;
  readonly marks?: readonly Mark[] | undefined;
  readonly limits?: readonly Limit[] | undefined;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
const DAY_SECONDS = 86_400;
/** Between marks of an axis of days. */
const UTC_DAY_STEPS = [1, 2, 7, 14, 28].map((days) => days * DAY_SECONDS);
/** How much of a step a bar takes. */
const BAR_WIDTH = 0.8;
const MAX_BAR_PIXELS = 40;

/** The values as uPlot takes them: those that are drawn. */
export const dataOf = ({ seconds, series }: ChartContent): uPlot.AlignedData =>
  [seconds, ...series.map(({ values, drawn }) => drawn ?? values)].map((column) => [...column]) as uPlot.AlignedData;

const axisTimes = (_: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] =>
  splits.map((second) => {
    const date = new Date(second * 1_000);
    const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
    if (step >= DAY_SECONDS || isMidnight) return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
    return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  });

/** The day of UTC in which a step begins: `2026-11-30`. */
export const formatUtcDay = (second: number): string => new Date(second * 1_000).toISOString().slice(0, 10);

const axisUtcDays = (_: uPlot, splits: number[]): string[] =>
  splits.map((second) =>
    new Date(second * 1_000).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }),
  );

const drawBars = uPlot.paths.bars?.({ size: [BAR_WIDTH, MAX_BAR_PIXELS, 1], align: 1 });

const seriesOf = ({ label, colour, kind }: Series): uPlot.Series => {
  const look = { label, stroke: colourOf(colour) };
  if (kind === 'line') return { ...look, width: 2, spanGaps: false, points: { show: true, size: 4 } };
  return { ...look, width: 0, fill: colourOf(colour), points: { show: false }, ...(drawBars && { paths: drawBars }) };
};

/** Draws over a finished chart, in its own coordinates. */
const drawOver = (plot: uPlot, draw: (context: CanvasRenderingContext2D) => void): void => {
  const { ctx } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
  ctx.clip();
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  draw(ctx);
  ctx.restore();
};

const strokeLine = (context: CanvasRenderingContext2D, from: [number, number], to: [number, number]): void => {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
};

const drawMarks = (plot: uPlot, marks: readonly Mark[]): void =>
  drawOver(plot, (context) => {
    context.strokeStyle = colourOf('accent');
    context.fillStyle = colourOf('accent');
    for (const { at, label } of marks) {
      const x = Math.round(plot.valToPos(at / 1_000, 'x', true));
      strokeLine(context, [x, plot.bbox.top], [x, plot.bbox.top + plot.bbox.height]);
      const width = context.measureText(label).width;
      const isRoom = x + width + 6 < plot.bbox.left + plot.bbox.width;
      context.textAlign = isRoom ? 'left' : 'right';
      context.fillText(label, isRoom ? x + 4 : x - 4, plot.bbox.top + 11 * devicePixelRatio);
    }
  });

const drawLimits = (plot: uPlot, limits: readonly Limit[]): void =>
  drawOver(plot, (context) => {
    context.strokeStyle = colourOf('warning');
    context.fillStyle = colourOf('warning');
    context.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const { value, label } of limits) {
      const y = Math.round(plot.valToPos(value, 'y', true));
      strokeLine(context, [plot.bbox.left, y], [plot.bbox.left + plot.bbox.width, y]);
      context.textAlign = 'right';
      context.fillText(label, plot.bbox.left + plot.bbox.width - 4, y - 4 * devicePixelRatio);
    }
  });

/** What is shown: a little more than from zero to the highest value or limit, and down to the lowest below zero. */
const rangeOf =
  (content: () => ChartContent): uPlot.Range.Function =>
  (_, min, max) => {
    const highest = Math.max(max ?? 0, ...(content().limits ?? []).map(({ value }) => value));
    const lowest = Math.min(0, min ?? 0);
    return [lowest * 1.1, highest > 0 || lowest < 0 ? highest * 1.1 : 1];
  };

/** The options of a chart. `content` is what it shows at the time, so that new figures need no new chart. */
export const optionsOf = (
  content: () => ChartContent,
  { width, height, now }: { readonly width: number; readonly height: number; readonly now: () => number },
): uPlot.Options => {
  const { series, format, formatAxis = format, isByUtcDay = false } = content();
  const formatTime = (second: number) => (isByUtcDay ? formatUtcDay(second) : formatClock(second * 1_000, now()));
  const axis = { stroke: colourOf('muted'), font: FONT, ticks: { show: false }, size: 32 };
  const grid = { stroke: colourOf('line'), width: 1 };
  return {
    width,
    height,
    ...(isByUtcDay && { tzDate: (second: number) => uPlot.tzDate(new Date(second * 1_000), 'Etc/UTC') }),
    // Half of the last label stands beyond the end.
    padding: [10, 20, 0, 0],
    cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { show: false } },
    legend: { live: true, isolate: false },
    scales: { x: { time: true, range: (plot) => spanOf(plot) }, y: { range: rangeOf(content) } },
    axes: [
      isByUtcDay
        ? { ...axis, grid: { show: false }, values: axisUtcDays, incrs: UTC_DAY_STEPS }
        : { ...axis, grid: { show: false }, values: axisTimes },
      { ...axis, grid, size: 58, values: (_, splits) => splits.map((value) => formatAxis(value)) },
    ],
    series: [
      { label: isByUtcDay ? 'Day' : 'Time', value: (_, second) => (second === null ? '–' : formatTime(second)) },
      ...series.map((shown, index) => ({
        ...seriesOf(shown),
        value: (_: uPlot, __: number, ___: number, at: number | null) =>
          format(at === null ? null : (content().series[index]?.values[at] ?? null)),
      })),
    ],
    hooks: {
      draw: [
        (plot) => {
          drawLimits(plot, content().limits ?? []);
          drawMarks(plot, content().marks ?? []);
        },
      ],
    },
  };
};

/** From the start of the first step to the end of the last. */
const spanOf = ({ data: [seconds] }: uPlot): [number, number] => {
  const [first = 0, second = first + 1] = seconds;
  return [first, (seconds.at(-1) ?? first) + (second - first)];
};
