import compareVersions from './compare-versions.ts';
import csvProfile from './csv-profile.ts';
import errorGroup from './error-group.ts';
import explainAlert from './explain-alert.ts';
import orderStatus from './order-status.ts';
import placeOrder from './place-order.ts';
import recentFailures from './recent-failures.ts';
import regexSearch from './regex-search.ts';
import salesReport from './sales-report.ts';
import searchProducts from './search-products.ts';
import slowCalls from './slow-calls.ts';
import toolHealth from './tool-health.ts';

/** All tools. What is deployed, listed, monitored and documented is made from this list. */
export const tools = [
  orderStatus,
  searchProducts,
  placeOrder,
  salesReport,
  regexSearch,
  csvProfile,
  toolHealth,
  recentFailures,
  explainAlert,
  errorGroup,
  compareVersions,
  slowCalls,
] as const;
