// What the lines of the queue say, taken from what the hub knows of them.
import type { Flow } from '../api/types.gen';

/** What a flow's tasks ask of a worker, each wish by itself: ["prompt", "tiny", "reader@box", "gpu"]. */
export function needsOf(flow: Pick<Flow, 'kind' | 'model' | 'worker' | 'node' | 'labels'>): string[] {
  const who = flow.worker ? `${flow.worker}${flow.node ? `@${flow.node}` : ''}` : flow.node ? `@${flow.node}` : '';
  return [flow.model ?? '', who, ...flow.labels.filter((label) => !label.startsWith('feature:') && !label.startsWith('!feature:'))].filter(Boolean);
}

/** Who holds a flow, where anybody does: only what a person paused can be let go here. */
export const letGo = (flow: Pick<Flow, 'paused_by'>): boolean => flow.paused_by.includes('person');

/** Things that have not changed stay the same objects, so that their rows are not drawn anew under the reader's pointer. */
export function keepSame<T extends { id: string }>(before: T[], now: T[]): T[] {
  const known = new Map(before.map((one) => [one.id, one]));
  return now.map((one) => {
    const old = known.get(one.id);
    return old && JSON.stringify(old) === JSON.stringify(one) ? old : one;
  });
}
