import type { HealthReport, ReadinessReport } from '../../contract/reports.ts';
import type { RouteHandler } from '../route-handler.ts';

const httpStatusOf = ({ status }: HealthReport) => (status === 'unhealthy' ? 503 : 200);

/** GET /health/live: that the function runs. */
export const getLiveness: RouteHandler = async () => Response.json({ status: 'ok' });

/** GET /health */
export const getHealth: RouteHandler = async ({ checkHealth }) => {
  const report = await checkHealth(new Date());
  return Response.json(report, { status: httpStatusOf(report) });
};

/** GET /health/ready: the overall status only. */
export const getReadiness: RouteHandler = async ({ checkHealth }) => {
  const report = await checkHealth(new Date());
  const readiness: ReadinessReport = { status: report.status };
  return Response.json(readiness, { status: httpStatusOf(report) });
};
