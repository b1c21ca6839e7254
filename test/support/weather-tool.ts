import * as z from 'zod';
import { defineTool } from '../../lambdas/observe/define-tool.ts';

/** A tool that reads three secrets, to be deployed alone: it sends them to the address in `WEATHER_URL`. */
export default defineTool({
  name: 'weather',
  description: 'Tell the weather. Use it in tests.',
  input: z.object({}),
  output: z.object({ answered: z.int() }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: { p95Ms: 5_000 },
  settings: ['WEATHER_URL'],
  secrets: ['WEATHER_KEY', 'WEATHER_PASSWORD', 'WEATHER_TOKEN'],
}).run(async (_, { fetch, secrets, settings, logger }) => {
  logger.info(`asking with ${secrets.WEATHER_KEY}`, { header: secrets.WEATHER_PASSWORD });
  const { status } = await fetch(settings.WEATHER_URL, { headers: { 'x-secrets': Object.values(secrets).join(' ') } });
  return { answered: status };
});
