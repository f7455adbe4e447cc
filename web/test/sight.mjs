// The views /tasks, /requests and /usage in a real browser with a real hub, in each language, light and dark. FLOTTE_BINARY, FLOTTE_SCRIPTED: the
// programs. Screenshots go to FLOTTE_SHOTS where that is set.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fillQueue, lookAtQueue } from './queue.mjs';
import { chromiumPath, hasChromium, openBrowser } from './browser.mjs';
import { hasBinaries, RealFleet } from './real_fleet.mjs';

if (!hasChromium() || !hasBinaries()) {
  console.log(hasChromium() ? 'skipped: flotte or the scripted provider are not built' : `skipped: no Chromium at ${chromiumPath} (set CHROMIUM)`);
  process.exit(0);
}

const shots = process.env.FLOTTE_SHOTS;
const languages = [
  { lang: 'en', locale: 'en-GB', title: 'Requests', usage: 'Usage', colorScheme: 'dark' },
  { lang: 'de', locale: 'de-DE', title: 'Anfragen', usage: 'Verbrauch', colorScheme: 'light' },
  { lang: 'ja', locale: 'ja-JP', title: 'リクエスト', usage: '使用量', colorScheme: 'light' },
];

const tables = (url) =>
  ['one', 'two']
    .map((name) => `[[provider]]\nname = "${name}"\ndialect = "openai"\nbase_url = "${name === 'one' ? 'http://127.0.0.1:1' : url}/v1"\napi_key = "sk-right"\n`)
    .join('') + '[[model]]\nname = "smart"\ntargets = [ { provider = "one", model = "m1" }, { provider = "two", model = "gaps:delay_ms=40,events=24" } ]\n';

const ask = (fleet, model, stream) =>
  fetch(`${fleet.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${fleet.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'What can a fleet of machines do for me?' }] }),
  }).then((r) => r.text());

async function look(page, fleet, { lang, title, usage }) {
  const shoot = async (name) => {
    if (!shots) return;
    await page.waitForTimeout(500); // what glides has come to rest
    await page.screenshot({ path: join(shots, `sight-${lang}-${name}.png`) });
  };
  await lookAtQueue(page, fleet, lang, shoot);
  await page.goto(`${fleet.url}/requests#key=${fleet.key}`);
  await page.waitForSelector('.lines tbody tr');
  assert.equal(await page.locator('h1').innerText(), title);
  const before = await page.locator('.lines tbody tr').count();
  await ask(fleet, 'smart', true);
  await page.waitForFunction((n) => document.querySelectorAll('.lines tbody tr').length > n, before); // by itself
  await shoot('requests');

  await page.selectOption('select[name=status]', 'error');
  await page.waitForFunction(() => [...document.querySelectorAll('.lines .status')].every((s) => s.textContent === '404'));
  await page.selectOption('select[name=status]', '');
  await page.waitForSelector('input[name=model]', { state: 'visible' });
  await page.fill('input[name=model]', 'smart');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => [...document.querySelectorAll('.lines .status')].every((s) => s.textContent === '200'));

  await page.locator('.lines tbody tr:has(.badge) button').last().click();
  await page.waitForSelector('[data-panel=request] .timeline');
  assert.equal(await page.locator('.timeline .lane').count(), 3, 'the client and two targets');
  assert.equal(await page.locator('.timeline .bar.failed').count(), 1, 'nobody was at the first');
  await shoot('panel');
  await page.locator('.message > summary').first().click();
  assert.match(await page.locator('.message pre').first().innerText(), /What can a fleet/);
  assert.ok(!(await page.locator('[data-panel=request]').innerText()).includes('sk-right'));
  await shoot('body');
  await page.locator('[data-panel=request] .row button').nth(1).click();
  await page.waitForSelector('[data-panel=request] .told');
  await page.keyboard.press('Escape');

  await page.goto(`${fleet.url}/usage`);
  await page.waitForSelector('.lines tbody tr');
  assert.equal(await page.locator('h1').innerText(), usage);
  await page.locator('.tabs button').nth(1).click();
  await page.waitForFunction(() => [...document.querySelectorAll('.lines .name')].some((e) => e.textContent === 'two'));
  await shoot('usage');
  await page.setViewportSize({ width: 390, height: 844 });
  await shoot('narrow');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out on a phone');
}

if (shots) await mkdir(shots, { recursive: true });
const browser = await openBrowser();
const fleet = await RealFleet.start({ hub: 'record = "bodies"\n', tables });
let failed = false;
try {
  await fillQueue(fleet);
  for (let n = 0; n < 6; n++) await ask(fleet, n === 3 ? 'no-such-model' : 'smart', n % 2 === 0);
  for (const language of languages) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 820 }, colorScheme: language.colorScheme, locale: language.locale });
    const page = await context.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await look(page, fleet, language);
    assert.deepEqual(problems, []);
    await context.close();
    console.log(`ok ${language.lang}`);
  }
} catch (error) {
  failed = true;
  console.error(error, fleet.story());
}
await browser.close();
await fleet.stop();
process.exit(failed ? 1 : 0);
