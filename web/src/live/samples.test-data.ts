// Things of a small fleet, for the tests.
import type { Activity, Batch, Engine, LiveItem, LiveMessage, Node, Task, Worker } from '../api/types.gen';

export const start = Date.parse('2026-11-21T08:30:00.000Z');
export const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const usage = { input_tokens: 0, cached_tokens: 0, output_tokens: 0, cost_usd: '0.00' };

export const engine = (more: Partial<Engine> = {}): Engine => ({
  name: 'llama', kind: 'llama-server', state: 'ready', models: ['tiny'], slots: 4, context_tokens: 4096, demonstration: false, ...more,
});
export const node = (name: string, more: Partial<Node> = {}): Node => ({
  id: `n-${name}`, name, state: 'linked', epoch: 1, home: false, load: 0.5, seen_at: at(0), engines: [],
  host: { hostname: name, os: 'Debian 12', arch: 'amd64', version: '0.1.0', cpus: 4, memory_mb: 8000, labels: [] },
  capacity: {
    measured_at: at(0), cores: 4, memory_mb: 8000, memory_available_mb: 6000, disk_mb: 100_000, disk_free_mb: 50_000, gpus: [], power: 'mains', battery_percent: null, metered: null,
    agents: [], networks: [], labels: ['mains'],
  },
  seen: [], wake: false, waking: null, ...more,
});
export const activity = (task: string, more: Partial<Activity> = {}): Activity => ({
  task, title: `title of ${task}`, fence: 1, step: 'reading', target: '', tail: '', output_tokens: 0, progress: null, since: at(0), ...more,
});
export const worker = (id: string, activities: Activity[] = [], more: Partial<Worker> = {}): Worker => {
  const [name = '', nodeName = ''] = id.split('@');
  return {
    id, node: nodeName, name, kind: 'model', model: 'tiny', slots: 4, labels: [], exclusive: false, state: activities.length > 0 ? 'busy' : 'idle', origin: 'node', message: null, activities, done: 0, failed: 0, ...more,
  };
};
export const task = (id: string, more: Partial<Task> = {}): Task => ({
  id, kind: 'prompt', title: `title of ${id}`, state: 'running', reason: null, batch: null, project: null, owner: 'admin', flow: 'f', priority: 2, labels: [], attempt: 1,
  node: 'attic', worker: 'reader', model: 'tiny', target: null, retry_of: null, created_at: at(0), started_at: at(0), ended_at: null, usage, error: null, result: null, ...more,
});
export const batch = (id: string, succeeded: number, total: number, more: Partial<Batch> = {}): Batch => ({
  id, title: '', state: 'running', total, counts: { queued: total - succeeded, offered: 0, running: 0, waiting: 0, succeeded, failed: 0, cancelled: 0 }, usage, reason: null, max_cost_usd: null, created_at: at(0), ended_at: null, ...more,
});

export const ofNode = (value: Node): LiveItem => ({ kind: 'node', id: value.id, value });
export const ofWorker = (value: Worker): LiveItem => ({ kind: 'worker', id: value.id, value });
export const ofTask = (value: Task): LiveItem => ({ kind: 'task', id: value.id, value });
export const ofBatch = (value: Batch): LiveItem => ({ kind: 'batch', id: value.id, value });
export const snapshot = (offset: number, ...items: LiveItem[]): LiveMessage => ({
  type: 'snapshot', offset, hub: { name: 'attic', version: '0.1.0', now: at(0), started_at: at(-60) }, items,
});
export const changes = (offset: number, ...items: LiveItem[]): LiveMessage => ({ type: 'changes', offset, items });
