import * as z from 'zod';
import { defineTool } from '../observe/define-tool.ts';

/** More do not help a model choose. */
const MOST_SHOWN = 20;

const product = z.object({ sku: z.string(), name: z.string(), price_cents: z.int(), in_stock: z.int() });
const found = z.object({ products: z.array(product) });

export default defineTool({
  name: 'search_products',
  description:
    'Find products by words of their name, with price and stock. Use it before ordering, or when a customer asks what there is.',
  input: z.object({ query: z.string().trim().min(2).max(100).describe('One or more words, e.g. "oak shelf"') }),
  output: found.extend({ total: z.int() }),
  readOnly: true,
  provider: 'shop',
  timeoutSeconds: 10,
  retry: { attempts: 2 },
  alarms: { p95Ms: 1_500, errorRate: 0.05 },
  settings: ['SHOP_URL'],
}).run(async ({ query }, { fetch, settings, measure }) => {
  const response = await fetch(`${settings.SHOP_URL}/products?q=${encodeURIComponent(query)}`);
  const { products } = found.parse(await response.json());
  measure('products_found', products.length);
  return { total: products.length, products: products.slice(0, MOST_SHOWN) };
});
