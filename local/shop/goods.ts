import { DAY_MS } from '../../lambdas/contract/durations.ts';
/** The local shop's products and orders, computed from numbers alone so that they are the same in every run. */

export interface Product {
  sku: string;
  name: string;
  price_cents: number;
  in_stock: number;
}

export interface Order {
  order_id: string;
  state: string;
  placed_at: string;
  sku: string;
  quantity: number;
  total_cents: number;
}

const NOUNS = ['kettle', 'lamp', 'chair', 'rug', 'mug', 'clock', 'shelf', 'blanket', 'mirror', 'vase'];
const KINDS = ['oak', 'steel', 'linen', 'blue', 'green', 'folding', 'travel', 'garden'];

const PRODUCTS: readonly Product[] = NOUNS.flatMap((noun, row) =>
  KINDS.map((kind, column) => ({
    sku: `${noun.slice(0, 3).toUpperCase()}-${100 + row * KINDS.length + column}`,
    name: `${kind} ${noun}`,
    price_cents: 900 + ((row * 37 + column * 101) % 90) * 100,
    // The last kind of every noun is sold out, so that a valid order can fail.
    in_stock: column === KINDS.length - 1 ? 0 : 5 + ((row + column) % 20),
  })),
);

const FIRST_DAY = Date.UTC(2026, 0, 1);
const FIRST_NUMBER = 1_000;
const ORDERS_PER_DAY = 24;
const DAYS = 365;

const STATES = ['packed', 'shipped', 'delivered'];

/** The state of every hundredth order: the shop uses it, but its callers' contract does not know it. */
const UNDOCUMENTED_STATE = 'lost_in_transit';
/** Orders whose number ends like this are in `UNDOCUMENTED_STATE`: A-1013, A-1113, … */
const UNDOCUMENTED_ENDING = 13;
/** Orders whose number ends like this may not be read: A-1077, A-1177, … */
const RESTRICTED_ENDING = 77;

const orderNumbered = (number: number): Order => {
  const index = number - FIRST_NUMBER;
  // The modulo keeps the index within the list.
  const product = PRODUCTS[(index * 7) % PRODUCTS.length] as Product;
  const quantity = 1 + (index % 3);
  return {
    order_id: `A-${number}`,
    state: number % 100 === UNDOCUMENTED_ENDING ? UNDOCUMENTED_STATE : (STATES[index % STATES.length] as string),
    placed_at: new Date(FIRST_DAY + (index / ORDERS_PER_DAY) * DAY_MS).toISOString(),
    sku: product.sku,
    quantity,
    total_cents: quantity * product.price_cents,
  };
};

/** The order with this id; `undefined` when there is none. */
export const findOrder = (orderId: string): Order | undefined => {
  const number = Number(/^A-(\d{4,5})$/.exec(orderId)?.[1]);
  const exists = number >= FIRST_NUMBER && number < FIRST_NUMBER + DAYS * ORDERS_PER_DAY;
  return exists ? orderNumbered(number) : undefined;
};

export const isRestricted = (orderId: string): boolean => orderId.endsWith(String(RESTRICTED_ENDING));

/** The orders placed on a UTC day, oldest first; none outside 2026. */
export const ordersOf = (day: string): Order[] => {
  const first = FIRST_NUMBER + Math.floor((Date.parse(`${day}T00:00:00Z`) - FIRST_DAY) / DAY_MS) * ORDERS_PER_DAY;
  return Array.from({ length: ORDERS_PER_DAY }, (_, index) => `A-${first + index}`).flatMap(
    (orderId) => findOrder(orderId) ?? [],
  );
};

/** The following day, as a UTC date. */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);

export const findProduct = (sku: string): Product | undefined => PRODUCTS.find((product) => product.sku === sku);

/** Products whose name contains every word of the query. */
export const searchProducts = (query: string): Product[] => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return PRODUCTS.filter((product) => words.every((word) => product.name.includes(word)));
};
