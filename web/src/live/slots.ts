// Gives each run a fixed place among its worker's slots, so that panes do not move when a neighbour ends. A place whose run has ended
// shows how it ended for a few seconds, or until the next run takes it.
import type { Activity, Task, Worker } from '../api/types.gen';
import { Rate } from './rate';
import { extendTail } from './tail';
import type { SlotPhase } from './views';

const lingerMs = 6000;
const rateWindowMs = 4000;

export interface Place {
  index: number;
  activity: Activity;
  text: string;
  rate: Rate;
  endedAt: number | null; // ms, this machine's clock
}

const same = (a: Activity, b: Activity) => a.task === b.task && a.fence === b.fence;

export class WorkerSlots {
  places: Place[] = [];

  /** The worker as the hub describes it at `now`. */
  update(worker: Worker, now: number): void {
    for (const place of this.places) {
      if (place.endedAt === null && !worker.activities.some((a) => same(a, place.activity))) place.endedAt = now;
    }
    for (const activity of worker.activities) this.take(activity, now);
  }

  /** Forgets what ended some seconds ago. */
  expire(now: number): void {
    this.places = this.places.filter((p) => p.endedAt === null || now - p.endedAt < lingerMs);
  }

  private take(activity: Activity, now: number): void {
    const known = this.places.find((p) => p.endedAt === null && same(p.activity, activity));
    if (known) {
      known.text = extendTail(known.text, activity.tail);
      known.rate.add(now, activity.output_tokens);
      known.activity = activity;
      return;
    }
    const ended = this.places.filter((p) => p.endedAt !== null).sort((a, b) => a.endedAt! - b.endedAt!)[0];
    const index = ended ? ended.index : this.lowestFree();
    const rate = new Rate(rateWindowMs);
    rate.add(now, activity.output_tokens);
    this.places = [...this.places.filter((p) => p !== ended), { index, activity, text: activity.tail, rate, endedAt: null }].sort(
      (a, b) => a.index - b.index,
    );
  }

  private lowestFree(): number {
    const taken = new Set(this.places.map((p) => p.index));
    let index = 0;
    while (taken.has(index)) index++;
    return index;
  }
}

/** How the run of a place stands, given its task where the feed has it. */
export function phaseOf(place: Place, task: Task | undefined): SlotPhase {
  if (place.endedAt === null) return 'busy';
  if (task && (task.state === 'succeeded' || task.state === 'failed' || task.state === 'cancelled')) return task.state;
  return 'ended';
}
