import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { type RestoreResult, restoreRequest } from '../contract/archive.ts';
import { archiveEnv } from '../contract/env/archive.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { parseAs } from '../contract/parse-as.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { type ArchiveResult, archiveDays } from './archive-days.ts';
import { openBucket } from './object-store.ts';
import { restorePart } from './restore-part.ts';

/** A file of the largest size takes less than this to be written, read back and compared. */
const TIME_FOR_A_FILE_MS = 120_000;

/**
 * Started by a schedule, it archives the days past their retention. Invoked by a person with what to restore, it brings
 * back a file of a day. Throws when S3 or the store does not answer, or a file is not what it should be.
 */
export const handler = async (event: unknown, context: Context): Promise<ArchiveResult | RestoreResult> => {
  const env = readVariables(archiveEnv);
  const database = openDatabase(configurationOf(env));
  const objects = openBucket(env.ARCHIVE_BUCKET);
  const logger = new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME });
  const asksToRestore = typeof event === 'object' && event !== null && 'restore' in event;
  try {
    if (asksToRestore) {
      const { restore } = parseAs(restoreRequest, event, 'The request');
      const result = await restorePart(database, objects, restore);
      logger.info('Brought back', { ...result });
      return result;
    }
    const hasTime = () => context.getRemainingTimeInMillis() > TIME_FOR_A_FILE_MS;
    const result = await archiveDays({ database, objects, retentionDays: env.RETENTION_DAYS, hasTime });
    logger.info('Archived', { ...result });
    return result;
  } finally {
    await database.close();
  }
};
