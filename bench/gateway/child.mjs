/** One process of the gateway's function, called again and again; prints its peak of memory and what a call took of the processor. */
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

const began = process.cpuUsage();
for (let call = 0; call < Number(calls); call += 1) {
  // Lambda hands over text and takes text.
  const answer = await handler(JSON.parse(event), { awsRequestId: `${call}`, getRemainingTimeInMillis: () => 900_000 });
  if (answer.statusCode !== 200) throw new Error(`The gateway answered ${answer.statusCode}: ${answer.body}`);
  JSON.stringify(answer);
}
const { user, system } = process.cpuUsage(began);
process.send({
  peakMib: process.resourceUsage().maxRSS / 1_024,
  cpuMs: (user + system) / 1_000 / Number(calls),
});
