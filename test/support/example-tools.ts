import csvProfile from '../../lambdas/tools/csv-profile.ts';
import orderStatus from '../../lambdas/tools/order-status.ts';
import placeOrder from '../../lambdas/tools/place-order.ts';
import recentFailures from '../../lambdas/tools/recent-failures.ts';
import regexSearch from '../../lambdas/tools/regex-search.ts';
import salesReport from '../../lambdas/tools/sales-report.ts';
import searchProducts from '../../lambdas/tools/search-products.ts';
import toolHealth from '../../lambdas/tools/tool-health.ts';

/** The tools that tests are about, whichever others the list of tools has. */
export const exampleTools = [
  orderStatus,
  searchProducts,
  placeOrder,
  salesReport,
  regexSearch,
  csvProfile,
  toolHealth,
  recentFailures,
] as const;
