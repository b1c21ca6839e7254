import type { Format } from './exposition.ts';

/** The quality that an Accept header gives to a media range; 1 where it names none. */
const qualityOf = (parameters: readonly string[]): number => {
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const value = quality === undefined ? 1 : Number(quality.slice(2));
  return value >= 0 && value <= 1 ? value : 0;
};

/** The format that an Accept header asks for: OpenMetrics only if it names it, in a version that we write. */
export const chooseFormat = (accept: string | undefined): Format => {
  let text = 0;
  let openmetrics = 0;
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().replaceAll('"', ''));
    const version = parameters.find((parameter) => parameter.startsWith('version='));
    const quality = qualityOf(parameters);
    if (type === 'application/openmetrics-text' && (version ?? 'version=1.0.0') === 'version=1.0.0')
      openmetrics = Math.max(openmetrics, quality);
    if (type === 'text/plain') text = Math.max(text, quality);
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text';
};
