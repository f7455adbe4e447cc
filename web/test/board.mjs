// The board in a real browser against the mock hub: signs in, moves, survives a hub that goes away, speaks three languages, draws twenty panes
// cheaply. Needs web/dist (npm run build) and Chromium. Screenshots go to FLOTTE_SHOTS where that is set.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startMock } from '../mock/server.mjs';
import { chromiumPath, hasChromium, openBrowser } from './browser.mjs';

if (!hasChromium()) {
  console.log(`skipped: no Chromium at ${chromiumPath} (set CHROMIUM)`);
  process.exit(0);
}

const shots = process.env.FLOTTE_SHOTS;
const patience = 15_000;
const only = process.argv[2]; // part of a name
const tests = [];
const test = (name, ...rest) => (!only || name.includes(only)) && tests.push({ name, body: rest.at(-1), options: rest.length > 1 ? rest[0] : {} });

async function shoot(page, name) {
  if (!shots) return;
  await page.waitForTimeout(400); // what glides has come to rest
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** Waits until `probe` gives true. */
async function until(what, probe) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (await probe()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`not within ${patience / 1000} s: ${what}`);
}

const text = (page, selector) => page.locator(selector).first().innerText();

test('asks for a key, takes it from the fragment, and drops it from the address', async ({ page, mock }) => {
  await page.goto(mock.url);
  await page.waitForSelector('.login');
  await shoot(page, 'login');
  await page.fill('input[name=key]', 'wrong');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[role=alert]');
  await page.fill('input[name=key]', 'mock');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.machine');
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.machine');
  assert.equal(page.url(), `${mock.url}/`);
});

test('goes back to the sign-in page when the session ends', async ({ page, mock }) => {
  await page.goto(`${mock.url}/#code=once`);
  await page.waitForSelector('.machine');
  await fetch(`${mock.url}/mock/signout`, { method: 'POST' });
  await fetch(`${mock.url}/mock/cut`, { method: 'POST' });
  await page.waitForSelector('.login', { timeout: patience });
});

test('shows nodes, engines and workers, says what is simulated, and moves', async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.pane[data-phase=busy] .tail:not(.none)');
  assert.deepEqual(await page.locator('.machine').evaluateAll((all) => all.map((m) => m.dataset.node)), ['attic', 'box', 'den']);
  assert.deepEqual(await page.locator('[data-engine]').evaluateAll((all) => all.map((m) => m.dataset.engine)), ['llama@box', 'llama@den']);
  assert.match(await text(page, '.banner:not(.simulated)'), /^Demonstration engine/);
  assert.match(await text(page, '.banner.simulated'), /Simulated/);
  const slot = await page.locator('.pane[data-phase=busy]:has(.tail:not(.none))').first().getAttribute('data-slot');
  const pane = `[data-slot="${slot}"]`;
  const [tail, time, done] = [await text(page, `${pane} .tail`), await text(page, `${pane} time`), await text(page, '.batch b')];
  await until('the text of a pane grows', async () => (await text(page, `${pane} .tail`)) !== tail);
  await until('its time counts', async () => (await text(page, `${pane} time`)) !== time);
  await until('the batch gets on', async () => (await text(page, '.batch b')) !== done);
  await until('the sparkline has a line', async () => (await page.locator('.spark .line').getAttribute('points')).split(' ').length > 3);
  await shoot(page, 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shoot(page, 'dark');
});

test('says that the hub is away, greys what it shows, and goes on by itself', async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.link.live');
  await fetch(`${mock.url}/mock/away?for=1500`, { method: 'POST' });
  await page.waitForSelector('.board.stale');
  assert.equal(await text(page, '.link'), 'reconnecting…');
  await page.waitForSelector('.link.live', { timeout: patience });
  assert.equal(await page.locator('.board.stale').count(), 0);
});

test('shows a node that is lost, and its work elsewhere', async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.pane .target:text("llama@den")');
  await fetch(`${mock.url}/mock/node?name=den&state=lost`, { method: 'POST' });
  await page.waitForSelector('.machine[data-node=den][data-state=lost]');
  await until('no pane works on a lost engine', async () => (await page.locator('.pane[data-phase=busy] .target:text("llama@den")').count()) === 0);
});

test('tells the story of a task in a side panel that the keyboard closes', async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.locator('.recent button').first().click();
  await page.waitForSelector('.panel .attempts li');
  assert.match(await text(page, '.panel dl'), /llama@/);
  await shoot(page, 'panel');
  await page.keyboard.press('Escape');
  await until('the panel is gone', async () => (await page.locator('.panel').count()) === 0);
});

test('speaks English, German and Japanese', async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.machine');
  for (const [lang, word] of [['de', 'Maschinen'], ['ja', 'マシン'], ['en', 'Machines']]) {
    await page.selectOption('.language', lang);
    assert.match(await text(page, '#machines'), new RegExp(word, 'i'));
    assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
    await shoot(page, lang);
  }
});

test('fits a telephone without scrolling sideways', async ({ page, mock }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.pane');
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
  await shoot(page, 'narrow');
});

test('walks an empty hub from a refused key to an answer and a joined machine', { scene: 'bare' }, async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.start');
  await shoot(page, 'bare');
  assert.equal(await page.locator('[data-step=ask] button[type=submit]').isDisabled(), true);
  await page.check('[data-step=model] input[value=mistral]');
  await page.fill('input[name=api_key]', 'wrong');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-step=model] [role=alert]');
  assert.match(await text(page, '[data-step=model] [role=alert]'), /mistral refuses the key.*\n.*revoked/s);
  assert.equal(await page.evaluate(() => document.activeElement.name), 'api_key');
  await page.fill('input[name=api_key]', 'good');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-step=model] .success');
  await page.waitForSelector('[data-step=model][data-done=true]');
  await until('no field with a key is left', async () => (await page.locator('input[name=api_key]').count()) === 0);
  await page.click('[data-step=ask] button[type=submit]');
  await page.waitForSelector('[data-step=ask][data-done=true]');
  assert.match(await text(page, '.answer'), /^This answer is simulated\./);
  assert.match(await text(page, '[data-step=ask] .by'), /mistral\/large[\s\S]*\d+ tokens · [\d.]+ s/);
  await page.click('[data-step=machine] .main');
  await page.waitForSelector('.qr');
  assert.match(await text(page, '.line code'), /attic\.example:7700#K7QF/);
  assert.match(await text(page, '.line .waiting'), /good once, for 10 min/);
  await shoot(page, 'bare-half');
  await fetch(`${mock.url}/mock/join?name=box`, { method: 'POST' });
  await page.waitForSelector('[data-joined=box]');
  await page.waitForSelector('[data-step=machine][data-done=true]');
  await shoot(page, 'bare-done');
});

test('keeps the model that was chosen when the list of models is read anew', { scene: 'ready' }, async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  const select = '[data-step=ask] select';
  await page.waitForSelector(select);
  assert.equal(await page.inputValue(select), 'default');
  await page.selectOption(select, 'samples-small');
  await page.click('[data-step=model] .plain');
  await page.fill('input[name=api_key]', 'good');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-step=model] .success');
  await until('the new models are there', async () => (await page.locator(`${select} option`).count()) > 6);
  assert.equal(await page.inputValue(select), 'samples-small');
});

test('stops an answer when it is told to, and says what a model that is gone says', { scene: 'ready' }, async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.click('[data-step=ask] button[type=submit]');
  await page.waitForSelector('.answer:not(.waiting)');
  await page.click('[data-step=ask] .calm');
  await page.waitForSelector('.answer[data-state=stopped]');
  assert.match(await text(page, '[data-step=ask] .by'), /stopped/);
  await page.route('**/v1/chat/completions', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"message":"every target is away"}}' }));
  await page.click('[data-step=ask] button[type=submit]');
  await page.waitForSelector('[data-step=ask] [role=alert]:text("every target is away")');
});

test('makes a batch of what is chosen, shows each result and gives them as one file', { scene: 'ready', fast: 8 }, async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('[data-step=files]');
  await shoot(page, 'ready');
  const file = (name, buffer) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(buffer) });
  await page.setInputFiles('[data-step=files] input[name=files]', [file('brief.de.txt', 'Sehr geehrte Frau Albers'), file('notes.txt', 'Minutes of the meeting'), file('nothing.txt', '')]);
  await page.waitForSelector('[data-panel=new-batch]');
  assert.match(await text(page, '.files .wrong'), /nothing\.txt\s+empty/);
  await page.fill('[data-panel=new-batch] textarea', 'Say it in one sentence.');
  await shoot(page, 'draft');
  await page.click('[data-panel=new-batch] button[type=submit]');
  await page.waitForSelector('.batch-story');
  await until('both have ended', async () => (await page.locator('.items li[data-state=succeeded], .items li[data-state=failed]').count()) === 2);
  const done = page.locator('.items li[data-state=succeeded]').first();
  await done.locator('summary').click();
  await until('its text is there', async () => (await done.locator('.result').innerText()).length > 20);
  await shoot(page, 'results');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.batch-story .main')]);
  assert.match(download.suggestedFilename(), /^flotte-b\d+\.zip$/);
  assert.match(await text(page, '.batch-story .batch h3'), /^2 files: Say it in one sentence/);
});

test('takes files that are dropped anywhere, also where plain HTTP leaves the hashing to a script', async ({ page, mock }) => {
  await page.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }));
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.actions');
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['one'], 'one.md'));
    transfer.items.add(new File(['two'], 'two.md'));
    return transfer;
  });
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: data });
  await page.waitForSelector('.drop-place');
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
  await page.waitForSelector('[data-panel=new-batch]');
  assert.deepEqual(await page.locator('.files .path').allInnerTexts(), ['one.md', 'two.md']);
  assert.equal(await page.locator('.drop-place').count(), 0);
  assert.match(await text(page, '.batch-form > p.facts:last-child'), /plain HTTP/);
  await page.click('[data-panel=new-batch] button[type=submit]'); // the mock refuses bytes that have another hash
  await page.waitForSelector('.items li[data-item="two.md"]');
});

test('reaches the same things from a board at work, and light and dark by a switch', async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.actions');
  assert.equal(await page.locator('.start').count(), 0);
  for (const [action, inside] of [['ask', '.ask'], ['machine', '.invite'], ['provider', '.provider'], ['files', '.chooser']]) {
    await page.click(`[data-action=${action}]`);
    await page.waitForSelector(`.panel ${inside}`);
    await page.keyboard.press('Escape');
    await until('the panel is gone', async () => (await page.locator('.panel').count()) === 0);
  }
  const background = () => page.evaluate(() => getComputedStyle(document.body.parentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await background();
  await page.click('.theme');
  assert.equal(await background(), light);
  await page.click('.theme');
  assert.notEqual(await background(), light);
  await page.reload();
  await page.waitForSelector('.actions');
  assert.notEqual(await background(), light);
});

for (const scene of ['bare', 'fleet'])
  test(`does not move about while it loads: ${scene}`, { scene }, async ({ page, mock }) => {
    await page.addInitScript(() => {
      window.shifted = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((e) => !e.hadRecentInput && (window.shifted += e.value))).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`${mock.url}/#key=mock`);
    await page.waitForSelector('.machine');
    await page.waitForTimeout(1500);
    const shifted = await page.evaluate(() => window.shifted);
    assert.ok(shifted < 0.05, `layout shift of ${shifted}`);
  });

test('fits the first steps into 400 pixels', { scene: 'bare' }, async ({ page, mock }) => {
  await page.setViewportSize({ width: 400, height: 800 });
  await page.goto(`${mock.url}/#key=mock`);
  await page.waitForSelector('.start');
  await page.click('[data-step=machine] .main');
  await page.waitForSelector('.qr');
  for (const lang of ['de', 'ja', 'en']) {
    await page.selectOption('.language', lang);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 400, lang);
  }
  if (shots) await page.screenshot({ path: join(shots, 'bare-narrow.png'), fullPage: true });
});

test('draws forty-six panes of live text without eating the machine', { scene: 'crowd' }, async ({ page, mock }) => {
  await page.goto(`${mock.url}/#key=mock`);
  await until('the wall is full', async () => (await page.locator('.pane').count()) >= 40);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const busy = async () => (await session.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value;
  const [before, seconds] = [await busy(), 5];
  await page.waitForTimeout(seconds * 1000);
  const share = (await busy() - before) / seconds;
  console.log(`      the page's thread was busy ${(share * 100).toFixed(0)} % of the time`);
  assert.ok(share < 0.4, `the page's thread was busy ${(share * 100).toFixed(0)} % of the time`);
  await shoot(page, 'crowd');
});

// ---- runner --------------------------------------------------------------------------------------------------------
if (shots) await mkdir(shots, { recursive: true });
const browser = await openBrowser();
let failed = 0;
for (const { name, body, options } of tests) {
  const mock = await startMock({ scene: options.scene ?? 'fleet', fast: options.fast ?? 1, warmUpSeconds: 40 });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  const page = await context.newPage();
  const problems = []; // scripts that throw, and whatever the content security policy refused
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => /Content Security Policy|Refused to/.test(message.text()) && problems.push(message.text()));
  try {
    await body({ page, mock });
    assert.deepEqual(problems, []);
    console.log(`ok    ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll('\n', '\n      ')}`);
  }
  await context.close();
  await mock.stop();
}
await browser.close();
console.log(`${tests.length - failed} of ${tests.length} browser tests passed`);
process.exit(failed === 0 ? 0 : 1);
