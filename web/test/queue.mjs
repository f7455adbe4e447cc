// The view /tasks: what waits and why, schedules, flows; with what a person can do there. Part of test/sight.mjs.
import assert from 'node:assert/strict';
import { until } from './real_fleet.mjs';

const words = {
  en: { title: 'Queue', why: /no worker matches/, waiting: 'waiting', time: 'for its time', paused: 'by hand', run: /nightly has been run/ },
  de: { title: 'Warteschlange', why: /no worker matches/, waiting: 'wartet', time: 'auf seine Zeit', paused: 'von Hand', run: /nightly wurde ausgeführt/ },
  ja: { title: 'キュー', why: /no worker matches/, waiting: '保留', time: '開始時刻待ち', paused: '手動', run: /nightly を実行しました/ },
};

const post = async (fleet, path, body) => {
  const reply = await fetch(`${fleet.url}/fleet/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${fleet.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(reply.ok, `${path}: ${await reply.clone().text()}`);
  return reply.json();
};

const task = (more) => ({ kind: 'prompt', worker: 'nobody', input: { prompt: 'x' }, ...more });

export async function fillQueue(fleet) {
  await post(fleet, '/tasks', task({ title: 'Summarise the minutes', project: 'acme', labels: ['gpu'], priority: 1 }));
  await post(fleet, '/tasks', task({ title: '議事録をまとめる' }));
  await post(fleet, '/tasks', task({ title: 'In a year', not_before: new Date(Date.now() + 31e9).toISOString() }));
  await post(fleet, '/schedules', { name: 'nightly', cron: '30 2 * * *', zone: 'Europe/Berlin', task: task({ title: 'The nightly report' }) });
}

export async function lookAtQueue(page, fleet, lang, shoot) {
  const say = words[lang];
  const text = (selector) => page.locator(selector).first().innerText();
  await page.goto(`${fleet.url}/#key=${fleet.key}`);
  await page.waitForSelector('a.total[href="/tasks"]');
  await page.locator('a.total[href="/tasks"]').first().click(); // the number leads to what it counts
  await page.waitForSelector('[data-table=tasks] tbody tr');
  assert.equal(await text('h1'), say.title);

  const line = page.locator('[data-table=tasks] tr', { hasText: 'In a year' });
  assert.match(await line.innerText(), new RegExp(`${say.waiting}[\\s\\S]*${say.time}`));
  await shoot('queue');
  await page.locator('[data-table=tasks] tr', { hasText: 'Summarise the minutes' }).click();
  await page.waitForSelector('[data-panel=task] .why');
  assert.match(await text('[data-panel=task] .why'), say.why);
  await shoot('queue-why');
  await page.keyboard.press('Escape');
  await page.waitForSelector('[data-panel=task]', { state: 'detached' });

  const schedule = '[data-schedule=nightly]';
  await page.locator(`${schedule} .acts button`).nth(1).click();
  await page.waitForSelector(`${schedule}[data-state=paused]`);
  await page.locator(`${schedule} .acts button`).nth(1).click();
  await page.waitForSelector(`${schedule}[data-state=active]`);
  const reports = () => page.locator('[data-table=tasks] tr', { hasText: 'The nightly report' }).count();
  const before = await reports();
  await page.locator(`${schedule} .acts button`).first().click();
  await page.waitForSelector('.success');
  assert.match(await text('.success'), say.run);
  await until('what was run now waits', async () => (await reports()) > before);

  const flow = page.locator('[data-table=flows] tbody tr', { hasText: 'acme' });
  await flow.locator('.acts button').click();
  await until('the flow is paused', async () => (await flow.getAttribute('data-state')) === 'paused');
  assert.ok((await flow.innerText()).includes(say.paused));
  await shoot('queue-paused');
  await flow.locator('.acts button').click();
  await until('the flow goes on', async () => (await flow.getAttribute('data-state')) === 'ready');

  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await shoot('queue-narrow');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out on a phone');
  await page.setViewportSize(size);
}
