// Has a fleet answer many prompts: hands them in as one batch, shows how far it is, writes the answers. Node.js 22, nothing to install.
//
//   export FLOTTE_URL=http://127.0.0.1:7700 FLOTTE_KEY=fk_...
//   node --experimental-strip-types prompts.ts PROMPTS.txt RESULTS.jsonl [MODEL]      (from Node.js 22.18 on without the option)
//
// PROMPTS.txt has a prompt per line. RESULTS.jsonl gets a row per prompt, in their order: {"line", "prompt", "state", "text", "error"}.
// Stop it at any time: the batch goes on without it. The same command again picks it up where it is (RESULTS.jsonl.batch remembers which
// one it was; remove that file to ask everything anew). Exit status: 0 all succeeded, 1 some did not, 2 it could not be done.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

type State = 'queued' | 'offered' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled';
type Task = { state: State; result: { text?: string } | null; error: { code: string; message: string } | null };
type Item = { index: number; name: string | null; task: Task };
type Batch = { id: string; state: 'open' | 'running' | 'paused' | 'done' | 'cancelled' };
type Row = { line: number; prompt: string; state: State; text: string | null; error: string | null };

const url = `${(process.env.FLOTTE_URL ?? 'http://127.0.0.1:7700').replace(/\/+$/, '')}/fleet/v1`;
const later = [408, 429, 502, 503, 504, 507]; // the hub is busy, restarts, or has no room at the moment
const patience = 300_000; // ms without an answer after which it gives up

/** What ends the program, in words for a person. */
class Failure extends Error {}

/** The hub's answer. What may pass is tried again; every request of this program may be sent twice without harm. */
async function ask<T>(method: string, path: string, body?: string, more: Record<string, string> = {}): Promise<T> {
  const headers = { authorization: `Bearer ${process.env.FLOTTE_KEY ?? ''}`, 'content-type': 'application/json', ...more };
  const giveUp = Date.now() + patience;
  for (let wait = 200; ; wait = Math.min(2 * wait, 10_000)) {
    let problem: string;
    try {
      const answer = await fetch(url + path, { method, headers, body, signal: AbortSignal.timeout(60_000) });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text) as T;
      problem = said(answer.status, text);
      if (!later.includes(answer.status)) throw new Failure(problem);
      const pause = Number(answer.headers.get('retry-after') ?? NaN);
      if (pause >= 0) wait = pause * 1000;
    } catch (error) {
      if (error instanceof Failure) throw error;
      problem = `${url} does not answer: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`;
    }
    if (Date.now() > giveUp) throw new Failure(problem);
    await sleep(wait);
  }
}

/** What the hub says went wrong, and what to do about it. */
function said(status: number, text: string): string {
  try {
    const { message, hint } = JSON.parse(text).error;
    return hint ? `${message} (${hint})` : message;
  } catch {
    return `the hub answered ${status}`;
  }
}

/** The batch that an earlier run began, or a new one. */
async function openBatch(prompts: string[], model: string, note: string): Promise<string> {
  if (existsSync(note)) return readFileSync(note, 'utf8').trim();
  // If this program dies before it has written the note, the same key gets the same batch.
  const same = createHash('sha256').update(JSON.stringify([prompts, model, resolve(note)])).digest('hex');
  const { id } = await ask<Batch>('POST', '/batches', JSON.stringify({ title: `${prompts.length} prompts` }), { 'idempotency-key': same });
  writeFileSync(note, `${id}\n`);
  return id;
}

/** All prompts, from the first that the hub does not have yet; then no more will come. */
async function handIn(batch: string, prompts: string[], model: string): Promise<void> {
  const { state } = await ask<Batch>('GET', `/batches/${batch}`);
  if (state !== 'open' && state !== 'paused') return;
  const add = (lines: string) => ask<{ next_index: number }>('POST', `/batches/${batch}/items`, lines, { 'content-type': 'application/x-ndjson' });
  let { next_index: at } = await add('');
  while (at < prompts.length) {
    const lines = prompts.slice(at, at + 500).map((prompt, n) => {
      const task = { kind: 'prompt', ...(model ? { model } : {}), input: { prompt } };
      return `${JSON.stringify({ index: at + n, name: `line ${at + n + 1}`, task })}\n`;
    });
    at = (await add(lines.join(''))).next_index;
  }
  await ask('POST', `/batches/${batch}/seal`, '{}');
}

/** Follows the batch to its end. Answers are written as they come. */
async function collect(batch: string, prompts: string[], results: string): Promise<Map<number, Row>> {
  const rows = new Map<number, Row>();
  for (let place = '0'; ; ) {
    const page = await ask<{ items: Item[]; next: string }>('GET', `/batches/${batch}/items?ended_after=${place}&limit=500`);
    for (const { index, task } of page.items)
      rows.set(index, { line: index + 1, prompt: prompts[index], state: task.state, text: task.result?.text ?? null, error: task.error?.message ?? null });
    place = page.next;
    if (page.items.length > 0) {
      write(rows, results);
      show(rows, prompts.length);
    } else if (rows.size === prompts.length || ['done', 'cancelled'].includes((await ask<Batch>('GET', `/batches/${batch}`)).state)) {
      return rows;
    } else {
      await sleep(500);
    }
  }
}

/** In the order of the prompts, and never half a file. */
function write(rows: Map<number, Row>, results: string): void {
  const lines = [...rows].sort(([a], [b]) => a - b).map(([, row]) => `${JSON.stringify(row)}\n`);
  writeFileSync(`${results}.partial`, lines.join(''));
  renameSync(`${results}.partial`, results);
}

const unanswered = (rows: Map<number, Row>): Row[] => [...rows.values()].filter((row) => row.state !== 'succeeded');

function show(rows: Map<number, Row>, total: number): void {
  const bad = unanswered(rows).length;
  process.stderr.write(`\r${rows.size} of ${total}${bad > 0 ? `, ${bad} without an answer` : ''}`);
}

async function main(): Promise<number> {
  const [source, results, model = ''] = process.argv.slice(2);
  if (!results) throw new Failure('usage: prompts.ts PROMPTS.txt RESULTS.jsonl [MODEL]');
  let prompts: string[];
  try {
    prompts = readFileSync(source, 'utf8').split(/\r?\n/).filter((line) => line.trim() !== '');
  } catch (error) {
    throw new Failure(`${source} cannot be read: ${(error as Error).message}`);
  }
  const batch = await openBatch(prompts, model, `${results}.batch`);
  process.once('SIGINT', () => {
    console.error(`\n${batch} goes on; the same command picks it up, \`flotte batch cancel ${batch}\` ends it`);
    process.exit(130);
  });
  await handIn(batch, prompts, model);
  const rows = await collect(batch, prompts, results);
  console.error();
  const wrong = unanswered(rows);
  for (const row of wrong.slice(0, 20)) console.error(`line ${row.line}: ${row.state}: ${row.error ?? 'no answer'}`);
  const missing = prompts.length - rows.size;
  if (missing > 0) console.error(`${missing} prompts have no row: ${batch} was cancelled before they ended`);
  return wrong.length > 0 || missing > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`prompts: ${error.message}`);
  process.exitCode = 2;
}
