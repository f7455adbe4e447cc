import { describe, expect, it } from 'vitest';
import { Fleet } from './fleet';
import { activity, at, batch, changes, engine, node, ofBatch, ofNode, ofTask, ofWorker, snapshot, start, task, worker } from './samples.test-data';

const second = (n: number) => start + n * 1000;

describe('Fleet', () => {
  it('shows what the snapshot says', () => {
    const fleet = new Fleet();
    expect(fleet.ready).toBe(false);
    fleet.apply(snapshot(7, ofNode(node('attic', { home: true })), ofNode(node('box', { engines: [engine({ demonstration: true })] })), ofWorker(worker('reader@attic'))), start);
    const view = fleet.view(start);
    expect(fleet.ready).toBe(true);
    expect(view.hub).toBe('attic');
    expect(view.machines.map((m) => m.name)).toEqual(['attic', 'box']);
    expect(view.machines[0]?.workers.map((w) => w.name)).toEqual(['reader']);
    expect(view.demonstration).toEqual(['llama@box']);
  });

  it('applies changes, and ignores one that it has seen', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(7, ofNode(node('box'))), start);
    fleet.apply(changes(8, ofNode(node('box', { state: 'lost' }))), start);
    expect(fleet.view(start).machines[0]?.state).toBe('lost');
    fleet.apply(changes(8, ofNode(node('box'))), start);
    expect(fleet.view(start).machines[0]?.state).toBe('lost');
    fleet.apply(changes(9, { kind: 'node', id: 'n-box', value: null }), start);
    expect(fleet.view(start).machines).toEqual([]);
  });

  it('ignores changes before the first snapshot', () => {
    const fleet = new Fleet();
    fleet.apply(changes(3, ofNode(node('box'))), start);
    expect(fleet.view(start).machines).toEqual([]);
  });

  it('forgets after a new snapshot what that no longer has, and takes a lower offset from it', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(900, ofNode(node('box')), ofWorker(worker('a@box')), ofTask(task('t1')), ofBatch(batch('b1', 0, 5))), start);
    fleet.apply(snapshot(1, ofNode(node('den'))), start);
    const view = fleet.view(start);
    expect(view.machines.map((m) => m.name)).toEqual(['den']);
    expect(view.batches).toEqual([]);
    fleet.apply(changes(2, ofNode(node('den', { state: 'draining' }))), start);
    expect(fleet.view(start).machines[0]?.state).toBe('draining');
  });

  it('counts the slots of an engine that answers, and gives its colour to those panes', () => {
    const fleet = new Fleet();
    const runs = [activity('t1', { target: 'llama@box/tiny' }), activity('t2', { target: 'llama@box/tiny' }), activity('t3', { target: 'anthropic/claude' })];
    fleet.apply(snapshot(1, ofNode(node('attic', { home: true })), ofNode(node('box', { engines: [engine()] })), ofWorker(worker('reader@attic', runs))), start);
    const view = fleet.view(start);
    const llama = view.machines[1]?.engines[0];
    expect(llama?.used).toBe(2);
    expect(view.slots.map((s) => s.hue)).toEqual([llama?.hue, llama?.hue, -1]);
  });

  it('calls the pane of a command by its command line', () => {
    const fleet = new Fleet();
    const shell = worker('shell@attic', [activity('t165', { title: '' }), activity('t166', { title: '' })], { kind: 'command', model: '' });
    fleet.apply(snapshot(1, ofNode(node('attic')), ofWorker(shell), ofTask(task('t165', { kind: 'command', title: 'make -j4 test' }))), start);
    expect(fleet.view(start).slots.map((s) => [s.kind, s.title])).toEqual([['command', 'make -j4 test'], ['command', 't166']]);
  });

  it('keeps every run in its place when a neighbour ends', () => {
    const fleet = new Fleet();
    const [a, b, c, d] = [activity('t1'), activity('t2'), activity('t3'), activity('t4')];
    fleet.apply(snapshot(1, ofWorker(worker('r@x', [a!, b!, c!]))), start);
    fleet.apply(changes(2, ofWorker(worker('r@x', [a!, c!]))), second(1));
    expect(fleet.view(second(1)).slots.map((s) => [s.key, s.task, s.phase])).toEqual([
      ['r@x#0', 't1', 'busy'],
      ['r@x#1', 't2', 'ended'],
      ['r@x#2', 't3', 'busy'],
    ]);
    fleet.apply(changes(3, ofWorker(worker('r@x', [d!, a!, c!]))), second(2));
    expect(fleet.view(second(2)).slots.map((s) => s.task)).toEqual(['t1', 't4', 't3']);
  });

  it('says how a run ended, for a few seconds', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(1, ofWorker(worker('r@x', [activity('t1')]))), start);
    fleet.apply(changes(2, ofWorker(worker('r@x')), ofTask(task('t1', { state: 'failed', ended_at: at(1) }))), second(1));
    expect(fleet.view(second(2)).slots[0]?.phase).toBe('failed');
    expect(fleet.view(second(8)).slots).toEqual([]);
  });

  it('tells a second attempt at the same task from the first', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(1, ofWorker(worker('r@x', [activity('t1', { fence: 1, tail: 'old' })]))), start);
    fleet.apply(changes(2, ofWorker(worker('r@x', [activity('t1', { fence: 2, tail: 'new' })]))), second(1));
    const slots = fleet.view(second(1)).slots;
    expect(slots.map((s) => [s.tail, s.phase])).toEqual([['new', 'busy']]);
  });

  it('measures tokens per second of each run', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(1, ofWorker(worker('r@x', [activity('t1')]))), start);
    for (let i = 1; i <= 30; i++) fleet.apply(changes(1 + i, ofWorker(worker('r@x', [activity('t1', { output_tokens: i * 4 })]))), start + i * 200);
    const view = fleet.view(second(6));
    expect(view.slots[0]?.rate).toBeCloseTo(20, 0);
    expect(view.totals.tokensPerSecond).toBeCloseTo(20, 0);
    expect(fleet.view(second(30)).slots[0]?.rate).toBe(0);
  });

  it('tells how fast a batch is and what is left', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(1, ofBatch(batch('b1', 10, 100, { created_at: at(-20) }))), start);
    expect(fleet.view(start).batches[0]?.perMinute).toBeCloseTo(30, 0); // from its age, before there is a measure
    for (let i = 1; i <= 20; i++) fleet.apply(changes(1 + i, ofBatch(batch('b1', 10 + i, 100, { created_at: at(-20) }))), second(i));
    const row = fleet.view(second(20)).batches[0];
    expect(row?.perMinute).toBeCloseTo(60, 0);
    expect(row?.leftSeconds).toBeCloseTo(70, 0);
    fleet.apply(changes(99, ofBatch(batch('b1', 100, 100, { state: 'done', ended_at: at(45) }))), second(45));
    expect(fleet.view(second(46)).batches[0]).toMatchObject({ perMinute: 0, leftSeconds: null });
  });

  it('lives with a clock that differs from the hub’s', () => {
    const fleet = new Fleet();
    const here = start - 3_600_000;
    fleet.apply(snapshot(1, ofWorker(worker('r@x', [activity('t1', { since: at(-10) })])), ofTask(task('t9', { state: 'succeeded', ended_at: at(-5) }))), here);
    const view = fleet.view(here);
    expect(here + view.clockOffset - view.slots[0]!.since).toBe(10_000);
    expect(view.totals.donePerMinute).toBe(1);
  });

  it('takes the totals from the hub where it gives them', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(1, { kind: 'counts', id: 'fleet', value: { queued: 5, offered: 2, running: 3, waiting: 1, done_per_minute: 9, output_tokens_per_second: 42, cost_usd: '0.10' } }), start);
    expect(fleet.view(start).totals).toEqual({ running: 3, queued: 7, waiting: 1, donePerMinute: 9, tokensPerSecond: 0, costUsd: '0.10' });
  });

  it('keeps what ended on screen when the feed drops it, and forgets what did not end', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(1), start);
    fleet.remember([task('t1', { state: 'succeeded', ended_at: at(-100) })]);
    fleet.apply(changes(2, ofTask(task('t2', { state: 'failed', ended_at: at(1) })), ofTask(task('t3'))), second(1));
    fleet.apply(changes(3, { kind: 'task', id: 't2', value: null }, { kind: 'task', id: 't3', value: null }), second(2));
    expect(fleet.view(second(2)).recent.map((r) => r.key)).toEqual(['t2', 't1']);
    fleet.apply(snapshot(1), second(3));
    expect(fleet.view(second(3)).recent.map((r) => r.key)).toEqual(['t2', 't1']);
  });

  it('does not grow without end', () => {
    const fleet = new Fleet();
    fleet.apply(snapshot(1), start);
    for (let i = 0; i < 3000; i++) fleet.apply(changes(2 + i, ofTask(task(`t${i}`, { state: 'succeeded', ended_at: at(i) }))), second(i));
    expect((fleet as unknown as { tasks: Map<string, unknown> }).tasks.size).toBe(500);
    expect(fleet.view(second(3000)).recent[0]?.key).toBe('t2999');
  });
});
