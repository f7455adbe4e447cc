import { describe, expect, it } from 'vitest';
import type { BatchItem, BatchItemPage } from '../api/types.gen';
import { task } from '../live/samples.test-data';
import { collect, ItemFollower } from './follow';
import { resultNames, toJsonLines, toZip } from './results';

const item = (index: number, more: Partial<BatchItem['task']> = {}): BatchItem => ({ index, name: `${index}.md`, task: task(`t${index}`, more) });

/** A batch whose items end one by one. */
function batch(count: number) {
  const ended: number[] = [];
  const at = (index: number) => item(index, ended.includes(index) ? { state: 'succeeded', result: index % 2 ? { text: `text ${index}` } : { blob: `blob-${index}` } } : {});
  const asked: string[] = [];
  const list = async (_id: string, query: string): Promise<BatchItemPage> => {
    asked.push(query);
    const q = new URLSearchParams(query);
    const limit = Number(q.get('limit'));
    const after = q.get('ended_after');
    if (after !== null) {
      const some = ended.slice(Number(after), Number(after) + limit);
      return { items: some.map(at), next: String(Number(after) + some.length) };
    }
    const from = Number(q.get('cursor') ?? 0);
    const items = Array.from({ length: Math.min(limit, count - from) }, (_, i) => at(from + i));
    return { items, next: from + limit < count ? String(from + limit) : null };
  };
  return { ended, asked, ports: { list, blob: async (id: string) => `long ${id}` } };
}

describe('ItemFollower', () => {
  it('asks only for what ended since, and keeps the order of the index', async () => {
    const b = batch(4);
    b.ended.push(2);
    const follower = new ItemFollower(b.ports, 'b1');
    await follower.begin();
    b.ended.push(0);
    await follower.more();
    expect(follower.view().map((i) => [i.index, i.task.state])).toEqual([[0, 'succeeded'], [1, 'running'], [2, 'succeeded'], [3, 'running']]);
    expect(b.asked.at(-1)).toContain('ended_after=1');
  });
});

describe('collect', () => {
  it('reads every page and every text, wherever it is kept', async () => {
    const b = batch(1200);
    b.ended.push(...Array(1200).keys());
    const results = await collect('b1', b.ports);
    expect(results.length).toBe(1200);
    expect(results.slice(0, 2).map((r) => r.text)).toEqual(['long blob-0', 'text 1']);
  });
});

describe('results', () => {
  it('never name a file outside the folder, and no two alike', () => {
    const named = (name: string | null, index: number) => ({ ...item(index), name });
    expect(resultNames(['../../etc/passwd', 'a/b.pdf', 'a//b.pdf', '/x', null].map(named))).toEqual(['etc/passwd.md', 'a/b.pdf.md', 'a/b.pdf-2.md', 'x.md', 'item-4.md']);
  });
  it('have a line for each item, also for those that failed', () => {
    const failed = item(1, { state: 'failed', error: { code: 'unprocessable', message: 'no text layer' } });
    const lines = toJsonLines([{ item: item(0, { state: 'succeeded' }), text: 'ok' }, { item: failed, text: '' }]).trim().split('\n').map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ input: '0.md', state: 'succeeded', output: '0.md.md', text: 'ok' });
    expect(lines[1]).toMatchObject({ input: '1.md', state: 'failed', output: null, text: null, error: { message: 'no text layer' } });
  });
  it('are one file with a text for each that succeeded', async () => {
    const zip = await toZip([{ item: item(0, { state: 'succeeded' }), text: 'ok' }, { item: item(1, { state: 'failed' }), text: '' }]).text();
    expect(zip).toContain('results.jsonl');
    expect(zip).toContain('0.md.md');
    expect(zip).not.toContain('1.md.md');
  });
});
