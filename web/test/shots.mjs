// Screenshots of the board against the mock hub, for looking at: node test/shots.mjs [FOLDER] (default: a new one under the system's temporary folder)
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMock } from '../mock/server.mjs';
import { openBrowser } from './browser.mjs';

const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'flotte-shots-')));
const only = process.argv[3];

const shots = [
  { name: 'dark', scene: 'fleet', colorScheme: 'dark' },
  { name: 'light', scene: 'fleet', colorScheme: 'light' },
  { name: 'ja', scene: 'fleet', colorScheme: 'dark', locale: 'ja-JP' },
  { name: 'de', scene: 'fleet', colorScheme: 'light', locale: 'de-DE' },
  { name: 'narrow', scene: 'fleet', colorScheme: 'dark', viewport: { width: 390, height: 844 }, fullPage: true },
  { name: 'crowd', scene: 'crowd', colorScheme: 'dark', viewport: { width: 1920, height: 1080 } },
  { name: 'trouble', scene: 'trouble', colorScheme: 'light' },
  { name: 'ready', scene: 'ready', colorScheme: 'dark' },
  { name: 'bare', scene: 'bare', colorScheme: 'light' },
  { name: 'panel', scene: 'fleet', colorScheme: 'dark', act: async (page) => page.locator('.recent button').nth(1).click() },
  { name: 'login', scene: 'fleet', colorScheme: 'light', locked: true },
  { name: 'stale', scene: 'fleet', colorScheme: 'dark', act: async (page, mock) => fetch(`${mock.url}/mock/away?for=60000`, { method: 'POST' }) },
];

const browser = await openBrowser();
for (const shot of shots) {
  if (only && shot.name !== only) continue;
  const mock = await startMock({ scene: shot.scene, open: !shot.locked, warmUpSeconds: 30 });
  const context = await browser.newContext({ viewport: shot.viewport ?? { width: 1440, height: 900 }, colorScheme: shot.colorScheme, locale: shot.locale ?? 'en-GB' });
  const page = await context.newPage();
  await page.goto(mock.url);
  await page.waitForSelector(shot.locked ? '.login' : '.machine');
  await page.waitForTimeout(4500);
  if (shot.act) {
    await shot.act(page, mock);
    await page.waitForTimeout(900);
  }
  await page.screenshot({ path: join(folder, `${shot.name}.png`), fullPage: shot.fullPage ?? false });
  console.log(join(folder, `${shot.name}.png`));
  await context.close();
  await mock.stop();
}
await browser.close();
