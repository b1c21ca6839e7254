import * as z from 'zod';
import { parseAs } from '../contract/parse-as.ts';
import { defineTool } from '../observe/define-tool.ts';

/** More products do not help a model to choose. */
const MAX_SHOWN = 20;
/** With so many or fewer left, the stock of a product is low. */
const LOW_STOCK = 5;

const product = z.object({ sku: z.string(), name: z.string(), price_cents: z.int(), in_stock: z.int() });
const searchResult = z.object({ products: z.array(product) });

export default defineTool({
  name: 'search_products',
  description:
    'Find products by words in their names, with price and stock. Use it before place_order, or when a customer ' +
    'asks what is available.',
  input: z.object({ query: z.string().trim().min(2).max(100).describe('One or more words, e.g. "oak shelf"') }),
  output: searchResult.extend({ total: z.int() }),
  readOnly: true,
  provider: 'shop',
  timeoutSeconds: 10,
  retry: { attempts: 2 },
  alarms: { p95Ms: 1_500, errorRate: 0.05 },
  settings: ['SHOP_URL'],
}).run(async ({ query }, { fetch, settings, measure }) => {
  const response = await fetch(`${settings.SHOP_URL}/products?q=${encodeURIComponent(query)}`);
  const { products } = parseAs(searchResult, await response.json(), 'The shop’s products');
  measure('products_found', products.length);
  measure('low_stock_products', products.filter(({ in_stock }) => in_stock <= LOW_STOCK).length);
  return { total: products.length, products: products.slice(0, MAX_SHOWN) };
});
