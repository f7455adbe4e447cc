import { createRoot } from 'solid-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBoard } from './board';
import { activity, changes, node, ofNode, ofWorker, snapshot, worker } from './samples.test-data';

describe('createBoard', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('document', { hidden: false });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('shows the first snapshot at once and later changes at most ten times a second', () =>
    createRoot(async (dispose) => {
      const board = createBoard();
      board.setLink('live');
      board.take(snapshot(1, ofNode(node('x')), ofWorker(worker('r@x', [activity('t1', { tail: 'a' })]))));
      expect(board.ready()).toBe(true);
      let shown = 0;
      let last = board.view.slots[0]?.tail;
      for (let i = 0; i < 100; i++) {
        board.take(changes(2 + i, ofWorker(worker('r@x', [activity('t1', { tail: `a${'b'.repeat(i)}` })]))));
        await vi.advanceTimersByTimeAsync(10);
        if (board.view.slots[0]?.tail !== last) shown++;
        last = board.view.slots[0]?.tail;
      }
      expect(shown).toBeGreaterThanOrEqual(8);
      expect(shown).toBeLessThanOrEqual(11);
      board.dispose();
      dispose();
    }));

  it('keeps the objects of what did not change, so that the screen is not drawn anew', () =>
    createRoot(async (dispose) => {
      const board = createBoard();
      board.take(snapshot(1, ofNode(node('x')), ofNode(node('y'))));
      const before = board.view.machines[1];
      board.take(changes(2, ofNode(node('x', { load: 3 }))));
      await vi.advanceTimersByTimeAsync(200);
      expect(board.view.machines[0]?.load).toBe(3);
      expect(board.view.machines[1]).toBe(before);
      board.dispose();
      dispose();
    }));

  it('stands still while the hub is away', () =>
    createRoot(async (dispose) => {
      const board = createBoard();
      board.setLink('live');
      board.take(snapshot(1, ofNode(node('x'))));
      await vi.advanceTimersByTimeAsync(3000);
      expect(board.history().length).toBe(3);
      board.setLink('reconnecting');
      const now = board.now();
      await vi.advanceTimersByTimeAsync(5000);
      expect(board.history().length).toBe(3);
      expect(board.now()).toBe(now);
      board.dispose();
      dispose();
    }));
});
