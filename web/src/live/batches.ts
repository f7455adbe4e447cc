// Batches with their speed and the time that is left.
import type { Batch } from '../api/types.gen';
import type { Rate } from './rate';
import type { BatchRow } from './views';

const endedShown = 3;
const enoughMs = 8000; // of watching, before its own measure is believed

/** `now`: this machine's clock, which `rates` know; `hubNow`: the hub's, which the batches know. Those that run first, then the newest ended. */
export function arrangeBatches(batches: Batch[], rates: Map<string, Rate>, now: number, hubNow: number): BatchRow[] {
  const rows = batches.map((b) => row(b, rates.get(b.id), now, hubNow));
  const over = (r: BatchRow) => r.state === 'done' || r.state === 'cancelled';
  const ended = rows.filter(over).sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
  return [...rows.filter((r) => !over(r)).sort((a, b) => number(b.key) - number(a.key)), ...ended.slice(0, endedShown)];
}

const number = (id: string) => Number(id.replace(/\D/g, ''));

function row(b: Batch, rate: Rate | undefined, now: number, hubNow: number): BatchRow {
  const c = b.counts;
  const answered = c.succeeded + c.failed;
  const left = b.total - answered - c.cancelled;
  const created = b.created_at ? Date.parse(b.created_at) : NaN;
  const sinceCreated = (hubNow - created) / 1000;
  let perSecond = rate && rate.known(now) >= enoughMs ? rate.perSecond(now) : 0;
  if (perSecond === 0 && sinceCreated > 1) perSecond = answered / sinceCreated;
  const moving = b.state === 'open' || b.state === 'running';
  return {
    key: b.id,
    title: b.title || b.id,
    state: b.state,
    total: b.total,
    succeeded: c.succeeded,
    failed: c.failed,
    cancelled: c.cancelled,
    running: c.running + c.offered,
    waiting: c.waiting,
    queued: c.queued,
    perMinute: moving ? perSecond * 60 : 0,
    leftSeconds: moving && left > 0 && perSecond > 0 ? left / perSecond : null,
    costUsd: b.usage.cost_usd ?? '',
    endedAt: b.ended_at ? Date.parse(b.ended_at) : null,
  };
}
