/** Calls the gateway's function many times; sends the peak memory and the processor time per call to the parent. */
const [folder, calls, argumentBytes] = process.argv.slice(2);
const { handler } = await import(`${folder}/index.mjs`);

const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'order_status', arguments: { order_id: 'A-1042', filler: 'x'.repeat(Number(argumentBytes)) } },
});
const event = JSON.stringify({
  version: '2.0',
  rawPath: '/mcp',
  rawQueryString: '',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  requestContext: { domainName: 'bench', http: { method: 'POST', path: '/mcp' } },
  body,
  isBase64Encoded: false,
});

const cpuBefore = process.cpuUsage();
for (let call = 0; call < Number(calls); call += 1) {
  // Lambda parses the event from text and writes the reply as text.
  const reply = await handler(JSON.parse(event), { awsRequestId: `${call}`, getRemainingTimeInMillis: () => 900_000 });
  if (reply.statusCode !== 200) throw new Error(`The gateway replied ${reply.statusCode}: ${reply.body}`);
  JSON.stringify(reply);
}
const { user, system } = process.cpuUsage(cpuBefore);
process.send({
  peakMib: process.resourceUsage().maxRSS / 1_024,
  cpuMs: (user + system) / 1_000 / Number(calls),
});
