// Nodes with their engines, and which engine answers which slot.
import type { Node, NodeState } from '../api/types.gen';
import type { MachineView, SlotView, WorkerRow } from './views';

export const hueCount = 6;

/** "llama@box/model" -> "llama@box"; "" for a provider's target. */
export function engineOf(target: string): string {
  const slash = target.indexOf('/');
  const engine = slash < 0 ? target : target.slice(0, slash);
  return engine.includes('@') ? engine : '';
}

/** A colour number for each engine, by the order of their names, so that it is the same on every screen. */
export function engineHues(nodes: Node[]): Map<string, number> {
  const keys = nodes.flatMap((n) => n.engines.map((e) => `${e.name}@${n.name}`)).sort();
  return new Map(keys.map((key, i) => [key, i % hueCount]));
}

/** Somebody is there to talk to. */
export const isLinked = (state: NodeState) => state === 'linked' || state === 'draining' || state === 'drained';

const nodeRank = (n: Node) => (n.home ? 0 : isLinked(n.state) ? 1 : 2);

export function arrangeMachines(nodes: Node[], slots: SlotView[], workers: WorkerRow[], hues: Map<string, number>): MachineView[] {
  const busy = slots.filter((s) => s.phase === 'busy');
  return nodes
    .filter((n) => n.state !== 'revoked')
    .sort((a, b) => nodeRank(a) - nodeRank(b) || (a.name < b.name ? -1 : 1))
    .map((n) => ({
      key: n.id,
      id: n.id,
      name: n.name,
      home: n.home,
      state: n.state,
      hostname: n.host.hostname,
      system: [n.host.os, n.host.arch].filter(Boolean).join(' '),
      version: n.host.version,
      cpus: n.host.cpus,
      memoryMb: n.host.memory_mb,
      load: n.load,
      seenAt: n.seen_at ? Date.parse(n.seen_at) : null,
      labels: [...new Set([...n.host.labels, ...(n.labels ?? []), ...n.capacity.labels])].sort(),
      diskFreeMb: n.capacity.disk_free_mb,
      mains: n.capacity.power === 'mains',
      gpus: n.capacity.gpus.map((g) => ({ name: g.name, memoryMb: g.memory_mb })),
      battery: n.capacity.battery_percent === null ? null : { percent: n.capacity.battery_percent, discharging: n.capacity.power === 'battery' },
      metered: n.capacity.metered === true,
      agents: n.capacity.agents.map((a) => ({ title: a.title, version: a.version })),
      seen: n.seen.map((s) => ({ kind: s.kind, name: s.name, why: s.why, hint: s.hint ?? '' })),
      waking: n.waking && { packets: n.waking.packets, by: n.waking.by, why: n.waking.why ?? '' },
      running: busy.filter((s) => s.node === n.name).length,
      workers: workers.filter((w) => w.node === n.name),
      engines: n.engines.map((e) => {
        const key = `${e.name}@${n.name}`;
        const mine = busy.filter((s) => engineOf(s.target) === key);
        return {
          key,
          name: e.name,
          kind: e.kind,
          state: e.state,
          models: e.models,
          slots: e.slots,
          used: mine.length,
          rate: mine.reduce((sum, s) => sum + s.rate, 0),
          context: e.context_tokens,
          demonstration: e.demonstration,
          message: e.message ?? '',
          hue: hues.get(key) ?? 0,
        };
      }),
    }));
}
