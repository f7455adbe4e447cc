import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/client';
import type { Chosen } from './files';
import { type HandIn, handIn, type HandInPorts } from './hand_in';

/** A hub that writes down what it is asked; `fail` may throw before any call. */
function hub(fail: (call: string, count: number) => void = () => undefined) {
  const calls: string[] = [];
  const items: { index: number; name: string; task: { model?: string; input: { blob: string; prompt: string } } }[] = [];
  const call = (text: string) => {
    const count = calls.filter((c) => c === text).length;
    calls.push(text);
    fail(text, count);
  };
  const ports: HandInPorts = {
    hash: async (file) => `hash-of-${(file as File).name}`,
    createBatch: async (_title, maxCost, key) => {
      call(`create ${key}${maxCost && ` ${maxCost}`}`);
      return { id: 'b1' };
    },
    putBlob: async (id, file, onSent) => {
      call(`put ${id}`);
      onSent(file.size);
    },
    addItems: async (_batch, lines) => {
      const group = lines.trim().split('\n').map((line) => JSON.parse(line));
      call(`items ${group.length}`);
      items.push(...group);
    },
    seal: async () => call('seal'),
    cancel: async () => call('cancel'),
    wait: async () => undefined,
  };
  return { calls, items, ports };
}

const files = (n: number): Chosen[] => Array.from({ length: n }, (_, i) => ({ path: `d/${i}.md`, file: { name: String(i), size: 5 } as File }));
const job = (n: number): HandIn => ({ files: files(n), prompt: 'Do', model: '', title: 'T', maxCost: '', key: 'k' });
const nothing = () => undefined;

describe('handIn', () => {
  it('stores bytes before the items that name them, a small group first, and seals at the end', async () => {
    const h = hub();
    await handIn(h.ports, job(20), nothing, nothing);
    expect(h.calls[0]).toBe('create k');
    expect(h.calls.indexOf('items 8')).toBe(9);
    expect(h.calls.slice(-2)).toEqual(['items 12', 'seal']);
    expect(h.items.map((i) => i.index)).toEqual([...Array(20).keys()]);
    expect(h.items[3]).toEqual({ index: 3, name: 'd/3.md', task: { kind: 'document', title: 'd/3.md', input: { name: 'd/3.md', blob: 'hash-of-3', prompt: 'Do' } } });
  });
  it('names the model only where one was chosen, and passes a limit of cost on', async () => {
    const h = hub();
    await handIn(h.ports, { ...job(1), model: 'smart', maxCost: '1.50' }, nothing, nothing);
    expect(h.calls[0]).toBe('create k 1.50');
    expect(h.items[0]?.task.model).toBe('smart');
  });
  it('tries again while the hub is away', async () => {
    const h = hub((_call, count) => {
      if (count < 2) throw new ApiError(0, '', '');
    });
    await handIn(h.ports, job(2), nothing, nothing);
    expect(h.calls.filter((c) => c === 'seal').length).toBe(3);
    expect(h.items.map((i) => i.index)).toEqual([0, 1]);
  });
  it('leaves out a file that is refused, without a gap in the numbers', async () => {
    const h = hub((call) => {
      if (call === 'put hash-of-1') throw new ApiError(413, 'too large', '');
    });
    const told: string[] = [];
    await handIn(h.ports, job(3), (path, state, _sent, problem) => told.push(`${path} ${state} ${problem}`), nothing);
    expect(h.items.map((i) => [i.index, i.name])).toEqual([[0, 'd/0.md'], [1, 'd/2.md']]);
    expect(told).toContain('d/1.md failed too large');
    expect(h.calls.at(-1)).toBe('seal');
  });
  it('cancels a batch of which nothing could be handed in, and says why', async () => {
    const h = hub((call) => {
      if (call.startsWith('put')) throw new ApiError(422, 'no room', '');
    });
    await expect(handIn(h.ports, job(2), nothing, nothing)).rejects.toThrow('no room');
    expect(h.calls.at(-1)).toBe('cancel');
  });
});
