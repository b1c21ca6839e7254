import { handler as checkout } from '../lambdas/checkout.ts';
import { handler as deliveryPrice } from '../lambdas/delivery-price.ts';
import { handler as fulfil } from '../lambdas/fulfil.ts';

/** Calls each function once on this machine. The lines they write go to stdout; what they answer goes to stderr. */

process.env.POWERTOOLS_SERVICE_NAME = 'shop';
process.env.TOOLWATCH_ENVIRONMENT = 'local';

const context = { awsRequestId: 'local', functionName: 'shop' };
const order = {
  version: '2.0',
  routeKey: 'POST /checkout',
  requestContext: { http: { method: 'POST' } },
  body: JSON.stringify({ items: ['tea'] }),
};
const batch = {
  Records: [
    { messageId: '1', eventSource: 'aws:sqs', body: JSON.stringify({ sku: 'TEA-250' }) },
    { messageId: '2', eventSource: 'aws:sqs', body: '{}' },
  ],
};

console.error('checkout       ', await checkout(order, context as never));
console.error('fulfil         ', await fulfil(batch, context as never));
console.error('delivery_price ', await deliveryPrice({ kilograms: 2.5 }));
