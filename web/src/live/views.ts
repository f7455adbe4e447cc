// What the board shows: the fleet's things, arranged for the eye. `key` is stable for as long as the thing has its place on screen.
import type { BatchState, Engine, NodeState, Task, TaskState, Worker, WorkerState } from '../api/types.gen';

export interface EngineView {
  key: string; // "llama@box"
  name: string;
  kind: Engine['kind'];
  state: Engine['state'];
  models: string[];
  slots: number;
  used: number; // slots that answer a task now
  rate: number; // output tokens per second of those
  context: number;
  demonstration: boolean;
  message: string;
  hue: number; // colour of the engine here and on the panes that it answers, 0..5
}

export interface SeenView {
  kind: string;
  name: string;
  why: string;
  hint: string;
}

export interface MachineView {
  key: string;
  id: string;
  name: string;
  home: boolean;
  state: NodeState;
  hostname: string;
  system: string;
  version: string;
  cpus: number;
  memoryMb: number;
  load: number;
  seenAt: number | null; // ms, the hub's clock
  labels: string[]; // of its file, of the hub, and those that follow from what it has; each once
  diskFreeMb: number; // 0: not known
  mains: boolean;
  gpus: { name: string; memoryMb: number }[];
  battery: { percent: number; discharging: boolean } | null;
  metered: boolean;
  agents: { title: string; version: string }[];
  seen: SeenView[]; // found there and not usable
  waking: { packets: number; by: string; why: string } | null;
  running: number; // runs of its workers
  engines: EngineView[];
  workers: WorkerRow[];
}

export type SlotPhase = 'busy' | 'succeeded' | 'failed' | 'cancelled' | 'ended';

/** One slot of a worker that works, or stopped working a moment ago. */
export interface SlotView {
  key: string; // "reader@box#0"
  worker: string;
  node: string;
  task: string;
  title: string;
  kind: Worker['kind'];
  step: string;
  progress: number | null;
  target: string;
  hue: number; // of the engine that answers; -1 for a provider or nobody
  tokens: number;
  rate: number;
  since: number; // ms, the hub's clock
  endedAt: number | null;
  tail: string;
  phase: SlotPhase;
}

export interface WorkerRow {
  key: string;
  name: string;
  node: string;
  kind: Worker['kind'];
  model: string;
  slots: number;
  used: number;
  state: WorkerState;
  done: number;
  failed: number;
  message: string; // why it is refused, or not there yet
}

export interface BatchRow {
  key: string;
  title: string;
  state: BatchState;
  total: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  running: number;
  waiting: number;
  queued: number;
  perMinute: number;
  leftSeconds: number | null;
  costUsd: string;
  endedAt: number | null;
}

export interface RecentRow {
  key: string;
  title: string;
  kind: Task['kind'];
  state: TaskState;
  worker: string;
  node: string;
  target: string;
  tokens: number;
  seconds: number | null;
  endedAt: number;
  error: string;
}

export interface Totals {
  running: number;
  queued: number;
  waiting: number;
  donePerMinute: number;
  tokensPerSecond: number;
  costUsd: string;
}

export interface BoardView {
  hub: string;
  version: string;
  simulated: boolean;
  demonstration: string[]; // engines with a demonstration model, "llama@box"
  clockOffset: number; // hub's clock minus this machine's, ms
  totals: Totals;
  machines: MachineView[];
  slots: SlotView[];
  batches: BatchRow[];
  recent: RecentRow[];
}
