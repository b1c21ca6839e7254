/** A row of `api-job-depths`: a source whose jobs are due or run, or none where no job is. */
export interface JobDepth {
  source: string | null;
  depth: number;
  oldest_seconds: number;
}
