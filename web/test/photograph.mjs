// The board of a hub that runs, checked and photographed: node test/photograph.mjs 'URL#key=KEY' FILE.png [dark|light]
// Waits until at least two nodes besides home (FLOTTE_NODES=N: N) are linked, each with an engine that answers a pane that moves; exit status 1 otherwise.
import { openBrowser } from './browser.mjs';

const [address, file, theme = 'dark'] = process.argv.slice(2);
if (!address || !file) {
  console.error("usage: node test/photograph.mjs 'URL#key=KEY' FILE.png [dark|light]");
  process.exit(2);
}
const nodes = Number(process.env.FLOTTE_NODES ?? 2);
const patience = Number(process.env.FLOTTE_PATIENCE_MS ?? 60_000);

const browser = await openBrowser();
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme, locale: 'en-GB' })).newPage();
const problems = [];
page.on('pageerror', (error) => problems.push(String(error)));
page.on('console', (message) => /Content Security Policy|Refused to/.test(message.text()) && problems.push(message.text()));

/** What is on the board, as a reader would tell it. */
const seen = () =>
  page.evaluate(() => {
    const data = (selector, key) => [...document.querySelectorAll(selector)].map((e) => e.dataset[key]);
    return {
      nodes: data('.machine[data-state=linked]', 'node'),
      ready: [...document.querySelectorAll('[data-engine]')].filter((e) => e.querySelector('.tone-good')).map((e) => e.dataset.engine),
      busy: data('.pane[data-phase=busy]', 'slot'),
      targets: [...new Set([...document.querySelectorAll('.pane .target')].map((e) => e.textContent))],
      text: [...document.querySelectorAll('.tail')].map((e) => e.textContent).join('\n'),
    };
  });

let now = { nodes: [], ready: [], busy: [] };
let moved = false;
try {
  await page.goto(address);
  await page.waitForSelector('.machine', { timeout: patience });
  let before = '';
  const end = Date.now() + patience;
  while (Date.now() < end) {
    now = await seen();
    moved = before !== '' && now.text !== before;
    const engines = now.ready.filter((engine) => now.targets.some((target) => target.startsWith(`${engine}/`)));
    if (now.nodes.length > nodes && now.ready.length >= nodes && engines.length >= nodes && now.busy.length >= nodes && moved) break;
    before = now.text;
    moved = false;
    await page.waitForTimeout(250);
  }
  await page.waitForTimeout(1500);
  await page.screenshot({ path: file });
} catch (error) {
  problems.push(String(error));
}
await browser.close();
console.log(JSON.stringify({ nodes: now.nodes, engines: now.ready, busy: now.busy.length, moved, problems }));
process.exit(moved && problems.length === 0 ? 0 : 1);
