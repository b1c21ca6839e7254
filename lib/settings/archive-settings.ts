import * as z from 'zod';

const days = z.int().min(1).max(36_500);

export const archiveSettings = z
  .union([
    z.literal(false),
    z.strictObject({
      coldAfterDays: days
        .optional()
        .describe(
          'After how many days in the archive a file moves to Glacier Instant Retrieval, which stores for a sixth and ' +
            'reads for more. Default: never.',
        ),
      deleteAfterDays: days
        .optional()
        .describe('After how many days in the archive a file is deleted. Default: never.'),
    }),
  ])
  .optional()
  .describe(
    'Whether a day past `retentionDays` is written to S3 as Parquet before it is dropped ([the archive](archive.md)). ' +
      'Default: `{}`, and `false` with `network`, which then needs a gateway endpoint for S3.',
  );

type ArchiveSettings = z.output<typeof archiveSettings>;

/** What the archive is to be; false where there is none. In a network of others nobody knows whether S3 can be reached. */
export const archiveOf = ({
  archive,
  network,
}: {
  readonly archive?: ArchiveSettings;
  readonly network?: object | undefined;
}): NonNullable<ArchiveSettings> => archive ?? (network ? false : {});

/** What contradicts itself, in a sentence that says what to write. */
export const validateArchiveSettings = (archive: ArchiveSettings): string[] => {
  const { coldAfterDays, deleteAfterDays } = archive || {};
  return coldAfterDays !== undefined && deleteAfterDays !== undefined && deleteAfterDays <= coldAfterDays
    ? [`Setting archive: files are deleted before they become cold; write deleteAfterDays > ${coldAfterDays}.`]
    : [];
};
