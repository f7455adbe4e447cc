import { expect, it } from 'vitest';
import { keepSame, letGo, needsOf } from './needs';

it('says what a line asks of a worker, without what only versions are about', () => {
  const flow = { kind: 'prompt' as const, model: 'tiny', worker: 'reader', node: 'box', labels: ['gpu', 'memory>=16G', 'feature:steps', '!feature:flotte-0.1.0'] };
  expect(needsOf(flow)).toEqual(['tiny', 'reader@box', 'gpu', 'memory>=16G']);
  expect(needsOf({ ...flow, model: null, worker: null, labels: [] })).toEqual(['@box']);
  expect(needsOf({ ...flow, model: null, worker: null, node: null, labels: [] })).toEqual([]);
});

it('lets go only what a person holds', () => {
  expect(letGo({ paused_by: ['batch', 'person'] })).toBe(true);
  expect(letGo({ paused_by: ['project'] })).toBe(false);
});

it('keeps the rows that have not changed', () => {
  const before = [{ id: 'f1', ready: 1 }, { id: 'f2', ready: 2 }];
  const now = keepSame(before, [{ id: 'f2', ready: 2 }, { id: 'f1', ready: 3 }]);
  expect(now[0]).toBe(before[1]);
  expect(now[1]).toEqual({ id: 'f1', ready: 3 });
});
