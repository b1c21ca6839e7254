/** Loads the notifier's bundle and lets it start; sends the processor time of both to the parent, in milliseconds. */
const [bundle] = process.argv.slice(2);
const before = process.cpuUsage();
const { handler } = await import(bundle);
await handler({ Records: [] }, { getRemainingTimeInMillis: () => 60_000 });
const { user, system } = process.cpuUsage(before);
process.send((user + system) / 1_000);
