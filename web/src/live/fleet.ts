// The fleet as the live feed tells it: takes messages, gives the view. No sockets, no timers, no clock of its own: times are arguments.
import type { Batch, Counts, LiveHub, LiveItem, LiveMessage, Node, Task, Worker } from '../api/types.gen';
import { arrangeBatches } from './batches';
import { arrangeMachines, engineHues, engineOf } from './machines';
import { Rate } from './rate';
import { phaseOf, WorkerSlots } from './slots';
import type { BoardView, RecentRow, SlotView, Totals, WorkerRow } from './views';

const recentShown = 12;
const endedKept = 500; // for the figure of the last minute
const batchWindowMs = 60_000;

export class Fleet {
  private hub: LiveHub | null = null;
  private offset = -1;
  private clockOffset = 0;
  private counts: Counts | null = null;
  private nodes = new Map<string, Node>();
  private workers = new Map<string, Worker>();
  private batches = new Map<string, Batch>();
  private tasks = new Map<string, Task>();
  private slots = new Map<string, WorkerSlots>();
  private batchRates = new Map<string, Rate>();

  /** True once a snapshot has come. */
  get ready(): boolean {
    return this.hub !== null;
  }

  /** Takes one message that came at `now`. A repeated one (same or lower offset) is ignored. */
  apply(message: LiveMessage, now: number): void {
    if (message.type === 'snapshot') {
      this.hub = message.hub;
      this.clockOffset = Number.isNaN(Date.parse(message.hub.now)) ? 0 : Date.parse(message.hub.now) - now;
      this.counts = null;
      const seen = new Set(message.items.map((item) => `${item.kind} ${item.id}`));
      for (const [kind, things] of Object.entries(this.tables())) {
        for (const id of [...things.keys()]) if (!seen.has(`${kind} ${id}`)) this.set({ kind, id, value: null } as LiveItem, now);
      }
    } else if (!this.ready || message.offset <= this.offset) {
      return;
    }
    this.offset = message.offset;
    for (const item of message.items) this.set(item, now);
  }

  /** Tasks that had ended before the feed was opened. */
  remember(tasks: Task[]): void {
    for (const task of tasks) if (!this.tasks.has(task.id)) this.setTask(task.id, task);
  }

  view(now: number): BoardView {
    const machineList = [...this.nodes.values()];
    const hues = engineHues(machineList);
    const slots = this.arrangeSlots(now, hues);
    const machines = arrangeMachines(machineList, slots, this.arrangeWorkers(), hues);
    const recent = this.arrangeRecent();
    return {
      hub: this.hub?.name ?? '',
      version: this.hub?.version ?? '',
      simulated: this.hub?.simulated === true,
      demonstration: machines.flatMap((m) => m.engines.filter((e) => e.demonstration).map((e) => e.key)),
      clockOffset: this.clockOffset,
      totals: this.arrangeTotals(now, slots),
      machines,
      slots,
      batches: arrangeBatches([...this.batches.values()], this.batchRates, now, now + this.clockOffset),
      recent,
    };
  }

  private tables(): Record<string, Map<string, unknown>> {
    return { node: this.nodes, worker: this.workers, batch: this.batches, task: this.tasks };
  }

  private set(item: LiveItem, now: number): void {
    switch (item.kind) {
      case 'node':
        return put(this.nodes, item.id, item.value);
      case 'worker':
        put(this.workers, item.id, item.value);
        if (!item.value) return void this.slots.delete(item.id);
        if (!this.slots.has(item.id)) this.slots.set(item.id, new WorkerSlots());
        return this.slots.get(item.id)!.update(item.value, now);
      case 'batch':
        put(this.batches, item.id, item.value);
        if (!item.value) return void this.batchRates.delete(item.id);
        if (!this.batchRates.has(item.id)) this.batchRates.set(item.id, new Rate(batchWindowMs));
        return this.batchRates.get(item.id)!.add(now, item.value.counts.succeeded + item.value.counts.failed);
      case 'task':
        return this.setTask(item.id, item.value);
      case 'counts':
        this.counts = item.value;
    }
  }

  /** What has ended is kept although the feed no longer has it: the newest of it stay on screen. */
  private setTask(id: string, task: Task | null): void {
    if (task === null) {
      if (!this.tasks.get(id)?.ended_at) this.tasks.delete(id);
      return;
    }
    this.tasks.delete(id); // to the end of the order
    this.tasks.set(id, task);
    if (this.tasks.size <= endedKept) return;
    for (const [old, known] of this.tasks) if (known.ended_at && this.tasks.size > endedKept) this.tasks.delete(old);
  }

  private arrangeSlots(now: number, hues: Map<string, number>): SlotView[] {
    const out: SlotView[] = [];
    for (const worker of this.sortedWorkers()) {
      const slots = this.slots.get(worker.id);
      slots?.expire(now);
      for (const place of slots?.places ?? []) {
        const a = place.activity;
        const since = Date.parse(a.since);
        out.push({
          key: `${worker.id}#${place.index}`,
          worker: worker.name,
          node: worker.node,
          task: a.task,
          // A command has no title of its own: the hub calls its task by the command line.
          title: a.title || this.tasks.get(a.task)?.title || a.task,
          kind: worker.kind,
          step: a.step,
          progress: a.progress === null || a.progress < 0 ? null : Math.min(1, a.progress),
          target: a.target,
          hue: hues.get(engineOf(a.target)) ?? -1,
          tokens: a.output_tokens,
          rate: place.endedAt === null ? place.rate.perSecond(now) : 0,
          since: Number.isNaN(since) ? now + this.clockOffset : since,
          endedAt: place.endedAt === null ? null : place.endedAt + this.clockOffset,
          tail: place.text,
          phase: phaseOf(place, this.tasks.get(a.task)),
        });
      }
    }
    return out;
  }

  private arrangeWorkers(): WorkerRow[] {
    return this.sortedWorkers().map((w) => ({
      key: w.id,
      name: w.name,
      node: w.node,
      kind: w.kind,
      model: w.model,
      slots: w.slots,
      used: w.activities.length,
      state: w.state,
      message: w.message ?? '',
      done: w.done,
      failed: w.failed,
    }));
  }

  private arrangeRecent(): RecentRow[] {
    const out: RecentRow[] = [];
    for (const t of this.tasks.values()) {
      const endedAt = t.ended_at ? Date.parse(t.ended_at) : NaN;
      if (Number.isNaN(endedAt)) continue;
      out.push({
        key: t.id,
        title: t.title || t.id,
        kind: t.kind,
        state: t.state,
        worker: t.worker ?? '',
        node: t.node ?? '',
        target: t.target ?? '',
        tokens: t.usage.output_tokens,
        seconds: t.started_at ? (endedAt - Date.parse(t.started_at)) / 1000 : null,
        endedAt,
        error: t.error?.message ?? '',
      });
    }
    return out.sort((a, b) => b.endedAt - a.endedAt).slice(0, recentShown);
  }

  private arrangeTotals(now: number, slots: SlotView[]): Totals {
    const minuteAgo = now + this.clockOffset - 60_000;
    const doneNow = [...this.tasks.values()].filter((t) => t.state === 'succeeded' && t.ended_at && Date.parse(t.ended_at) > minuteAgo).length;
    const c = this.counts;
    const busy = slots.filter((s) => s.phase === 'busy');
    const written = busy.reduce((sum, s) => sum + s.rate, 0);
    return {
      running: c?.running ?? busy.length,
      queued: (c?.queued ?? 0) + (c?.offered ?? 0),
      waiting: c?.waiting ?? 0,
      donePerMinute: c?.done_per_minute ?? doneNow,
      // What the panes show is fresher than the hub's figure, which counts answers that are complete.
      tokensPerSecond: written > 0 ? written : busy.length > 0 ? (c?.output_tokens_per_second ?? 0) : 0,
      costUsd: c?.cost_usd ?? '',
    };
  }

  /** Home's workers first, then by node and name. */
  private sortedWorkers(): Worker[] {
    const home = new Set([...this.nodes.values()].filter((n) => n.home).map((n) => n.name));
    const rank = (w: Worker) => (home.has(w.node) ? 0 : 1);
    return [...this.workers.values()].sort((a, b) => rank(a) - rank(b) || compare(a.node, b.node) || compare(a.name, b.name));
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function put<T>(table: Map<string, T>, id: string, value: T | null): void {
  if (value === null) table.delete(id);
  else table.set(id, value);
}
