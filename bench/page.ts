import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { buildPage } from '../dashboard/build.ts';
import { answerOf } from './page/answers.ts';
import { median } from './statistics/median.ts';
import { checkLimits, printTable } from './table.ts';

const ROUNDS = 3;
const FRAME_MS = 1_000 / 60;
/** A frame that takes so much longer was missed. */
const LATE = 1.5;

/** The page with two hundred tools, and as long a page with nothing but text: what this machine draws at best. */
const startServer = async () => {
  const page = buildPage();
  const plain = `<!doctype html><main>${'<p>order_status healthy 191 calls</p>'.repeat(800)}</main>`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/' || pathname === '/plain') {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(pathname === '/' ? page : plain);
      return;
    }
    const answer = answerOf(pathname, Date.now());
    response.statusCode = answer === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() };
};

/** Scrolls for five seconds, and answers the times between frames. A text, because the page has no helpers of ours. */
const SCROLL = `new Promise((resolve) => {
  const frames = [];
  const begin = performance.now();
  let last = begin;
  requestAnimationFrame(function step(now) {
    frames.push(now - last);
    last = now;
    scrollBy(0, now % 2_000 < 1_000 ? 25 : -25);
    if (now - begin < 5_000) requestAnimationFrame(step);
    else resolve(frames.slice(1));
  });
})`;

interface Round {
  readonly framesPerSecond: number;
  readonly latePct: number;
  readonly worstMs: number;
}

const measureOnce = async (browser: Browser, url: string, ready: string): Promise<Round> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await page.locator(ready).nth(199).waitFor();
  const frames = await page.evaluate<number[]>(SCROLL);
  await page.close();
  const late = frames.filter((ms) => ms > LATE * FRAME_MS).length;
  return {
    framesPerSecond: (1_000 * frames.length) / frames.reduce((sum, ms) => sum + ms, 0),
    latePct: (100 * late) / frames.length,
    worstMs: Math.max(...frames),
  };
};

const medianOf = (rounds: readonly Round[]): Round => ({
  framesPerSecond: median(rounds.map(({ framesPerSecond }) => framesPerSecond)),
  latePct: median(rounds.map(({ latePct }) => latePct)),
  worstMs: median(rounds.map(({ worstMs }) => worstMs)),
});

/** How evenly the first view of the page scrolls with two hundred tools, while it asks every two seconds. */
export const run = async (): Promise<boolean> => {
  const executablePath = process.env.CHROMIUM_PATH ?? execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  const server = await startServer();
  try {
    const [tools, plain]: [Round[], Round[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      tools.push(await measureOnce(browser, `${server.url}/?refresh=2`, 'tr.tool'));
      plain.push(await measureOnce(browser, `${server.url}/plain`, 'p'));
    }
    const [page, best] = [medianOf(tools), medianOf(plain)];
    printTable([
      { page: 'two hundred tools', ...page },
      { page: 'text alone', ...best },
    ]);
    return checkLimits([
      {
        what: 'frames a second, of those of text alone',
        measured: page.framesPerSecond / best.framesPerSecond,
        atLeast: 0.8,
      },
    ]);
  } finally {
    await browser.close();
    server.stop();
  }
};
