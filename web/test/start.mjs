// A new user's first minutes, in a real browser with a real hub, in each language: the empty board, a provider whose first key is refused, an
// answer, files that become a batch, and a machine that joins with the line from the page. FLOTTE_BINARY, FLOTTE_SCRIPTED: the programs.
// Screenshots go to FLOTTE_SHOTS where that is set.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromiumPath, hasChromium, openBrowser } from './browser.mjs';
import { hasBinaries, RealFleet, until } from './real_fleet.mjs';

if (!hasChromium() || !hasBinaries()) {
  console.log(hasChromium() ? 'skipped: flotte or the scripted provider are not built' : `skipped: no Chromium at ${chromiumPath} (set CHROMIUM)`);
  process.exit(0);
}

const shots = process.env.FLOTTE_SHOTS;
const only = process.argv[2];
const languages = [
  { lang: 'en', locale: 'en-GB', welcome: 'Welcome aboard', joined: 'laptop has joined', works: /works: \d+ models/, colorScheme: 'light' },
  { lang: 'de', locale: 'de-DE', welcome: 'Willkommen an Bord', joined: 'laptop ist dabei', works: /funktioniert: \d+ Modelle/, colorScheme: 'dark' },
  { lang: 'ja', locale: 'ja-JP', welcome: 'ようこそ', joined: 'laptop が参加しました', works: /が使えます：モデル \d+ 個/, colorScheme: 'light' },
];

async function walk(page, fleet, { lang, welcome, joined, works }) {
  const shoot = async (name) => {
    if (!shots) return;
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(350); // what glides has come to rest
    await page.screenshot({ path: join(shots, `start-${lang}-${name}.png`), fullPage: !name.startsWith('panel') });
  };
  const text = (selector) => page.locator(selector).first().innerText();

  await page.goto(`${fleet.url}/#key=${fleet.key}`);
  await page.waitForSelector('.start');
  assert.equal(await text('.start h2'), welcome);
  assert.equal(await page.locator('.stage[data-done=true]').count(), 0);
  await shoot('1-empty');

  // A provider by its address; the first key is refused, and the hub has nothing of it.
  await page.check('[data-step=model] input[value=compatible]');
  await page.fill('input[name=base_url]', `${fleet.provider}/v1`);
  await page.fill('input[name=api_key]', 'sk-wrong');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-step=model] [role=alert]');
  await shoot('2-refused');
  assert.ok(!(await text('[data-step=model] [role=alert]')).includes('sk-wrong'));
  await page.fill('input[name=api_key]', 'sk-right');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-step=model] .success');
  assert.match(await text('[data-step=model] .success'), works);
  await page.waitForSelector('[data-step=model][data-done=true]');

  // A first answer, word by word, of a model that has no name of its own here.
  await page.selectOption('[data-step=ask] select', '\n');
  await page.fill('[data-step=ask] input[name=model]', `${await text('.sources .badge')}/gaps:delay_ms=40,events=24`);
  await page.click('[data-step=ask] button[type=submit]');
  await page.waitForSelector('.answer[data-state=busy]:not(.waiting)');
  await page.waitForSelector('[data-step=ask][data-done=true]');
  assert.match(await text('.answer'), /^Die Flotte läuft 日本語/);
  assert.match(await text('[data-step=ask] .by'), /\/\S+[\s\S]*24 (tokens|Token|トークン) · \d+[.,]\d/);
  await shoot('3-answer');

  // The next machine, with the line from the page.
  const [reply] = await Promise.all([page.waitForResponse('**/fleet/v1/invites'), page.click('[data-step=machine] .main')]);
  const { join: line, command } = await reply.json();
  await page.waitForSelector('.qr path');
  assert.equal(await text('[data-step=machine] .line code'), command);
  await shoot('4-line');
  await fleet.join(line, 'laptop');
  await page.waitForSelector('[data-joined=laptop]', { timeout: 15_000 });
  assert.equal((await text('[data-joined=laptop] b')).trim(), joined);
  await page.waitForSelector('.machine[data-node=laptop][data-state=linked]');

  // Two files, dropped.
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['Sehr geehrte Frau Albers, die Lieferung kam zu spät.'], 'brief.txt'));
    transfer.items.add(new File(['# 議事録\n納期は五月です。'], '議事録.md'));
    return transfer;
  });
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: data });
  await page.waitForSelector('.drop-place');
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
  await page.waitForSelector('[data-panel=new-batch]');
  await shoot('panel-5-draft');
  await page.click('[data-panel=new-batch] button[type=submit]');
  await until('both files are done', async () => (await page.locator('.items li[data-state=succeeded]').count()) === 2);
  await page.locator('.items li[data-item="議事録.md"] summary').click();
  await until('a result is shown', async () => /Die Flotte/.test(await page.locator('.items .result').first().innerText().catch(() => '')));
  await shoot('panel-6-results');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.batch-story .main')]);
  const read = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print("\\n".join(z.namelist()))';
  const names = execFileSync('python3', ['-c', read, await download.path()], { encoding: 'utf8', env: { ...process.env, PYTHONIOENCODING: 'utf-8' } });
  assert.deepEqual(names.trim().split('\n').sort(), ['brief.txt.md', 'results.jsonl', '議事録.md.md']);
  await page.keyboard.press('Escape');
  await until('the panel is gone', async () => (await page.locator('.panel').count()) === 0);
  await page.waitForSelector('[data-step=files][data-done=true]');
  await page.waitForSelector('.start [data-action=hide].main');
  await shoot('7-done');

  // All of it is still there for whoever comes later.
  await page.reload();
  await page.waitForSelector('.actions');
  assert.equal(await page.locator('.start').count(), 0);
  await page.click('.batch .cover');
  await page.waitForSelector('[data-panel=batch] .items li[data-state=succeeded]');
  await page.keyboard.press('Escape');
  await page.click('.theme');
  await page.click('.theme');
  await shoot('8-board');
}

if (shots) await mkdir(shots, { recursive: true });
const began = Date.now();
const browser = await openBrowser();
let failed = 0;
for (const language of languages.filter((l) => !only || l.lang === only)) {
  const fleet = await RealFleet.start();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: language.locale, colorScheme: language.colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems = []; // scripts that throw, and whatever the content security policy refused
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => /Content Security Policy|Refused to/.test(message.text()) && problems.push(message.text()));
  try {
    await walk(page, fleet, language);
    assert.deepEqual(problems, []);
    console.log(`ok    the first minutes, ${language.lang}`);
  } catch (error) {
    failed++;
    if (shots) await page.screenshot({ path: join(shots, `start-${language.lang}-failed.png`) });
    console.log(`FAIL  the first minutes, ${language.lang}\n      ${String(error.stack ?? error).replaceAll('\n', '\n      ')}\n${problems.join('\n')}\n${fleet.story()}`);
  }
  await context.close();
  await fleet.stop();
}
await browser.close();
console.log(`${((Date.now() - began) / 1000).toFixed(1)} s`);
process.exit(failed === 0 ? 0 : 1);
