import type { CallLogSettings } from '../call-log-name.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import type { Settings } from '../settings.ts';

export interface DashboardProps {
  readonly settings: CallLogSettings & Pick<Settings, 'monitoring' | 'jobs'>;
  readonly tools: readonly { readonly facts: MonitoredTool }[];
  /** Whether ingest and completeness are deployed, which write the metrics of the pipeline. */
  readonly ingest: boolean;
  readonly completeness: boolean;
}
