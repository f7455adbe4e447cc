// From files to a sealed batch: bytes first, each under its own hash, then the items in groups, so that work begins while the rest is on its way.
// Every call may be repeated: blobs are named by content, items by index, the batch by its key.
import { ApiError } from '../api/client';
import type { TaskSpec } from '../api/types.gen';
import type { Chosen } from './files';

export interface HandInPorts {
  hash(file: Blob): Promise<string>;
  createBatch(title: string, maxCost: string, key: string): Promise<{ id: string }>;
  /** `onSent`: bytes so far. */
  putBlob(id: string, file: Blob, onSent: (bytes: number) => void): Promise<unknown>;
  addItems(batch: string, lines: string): Promise<unknown>;
  seal(batch: string): Promise<unknown>;
  cancel(batch: string): Promise<unknown>;
  wait(ms: number): Promise<void>;
}

export type FileState = 'reading' | 'sending' | 'sent' | 'failed';

export interface HandIn {
  files: Chosen[];
  prompt: string;
  model: string; // empty: the hub's default
  title: string;
  maxCost: string; // US dollars; empty: no limit
  key: string; // another for every batch
}

const firstGroup = 8;
const laterGroups = 128;
const together = 3; // uploads at the same time
const attempts = 4;

/** Gives the batch's id as soon as there is one through `onBatch`. Throws where nothing could be handed in; single files that fail are told by `onFile`. */
export async function handIn(
  ports: HandInPorts,
  job: HandIn,
  onFile: (path: string, state: FileState, sent: number, problem: string) => void,
  onBatch: (id: string) => void,
): Promise<void> {
  const again = <T>(work: () => Promise<T>) => withPatience(ports, work);
  const batch = await again(() => ports.createBatch(job.title, job.maxCost, job.key));
  onBatch(batch.id);
  let index = 0;
  let problem: unknown = null;
  for (let at = 0; at < job.files.length; ) {
    const group = job.files.slice(at, at + (at === 0 ? firstGroup : laterGroups));
    at += group.length;
    const blobs = await inParallel(group, async ({ path, file }) => {
      try {
        onFile(path, 'reading', 0, '');
        const blob = await ports.hash(file);
        onFile(path, 'sending', 0, '');
        await again(() => ports.putBlob(blob, file, (sent) => onFile(path, 'sending', sent, '')));
        return blob;
      } catch (error) {
        problem = error;
        onFile(path, 'failed', 0, error instanceof Error ? error.message : String(error));
        return null;
      }
    });
    const there = group.map(({ path }, i) => ({ path, blob: blobs[i]! })).filter((one) => one.blob);
    if (there.length === 0) continue;
    const lines = there.map(({ path, blob }) => {
      const task: Pick<TaskSpec, 'kind' | 'title' | 'input' | 'model'> = { kind: 'document', title: path, input: { name: path, blob, prompt: job.prompt } };
      if (job.model) task.model = job.model;
      return `${JSON.stringify({ index: index++, name: path, task })}\n`;
    });
    await again(() => ports.addItems(batch.id, lines.join('')));
    for (const { path } of there) onFile(path, 'sent', 0, '');
  }
  await again(() => (index > 0 ? ports.seal(batch.id) : ports.cancel(batch.id)));
  if (index === 0) throw problem;
}

/** A hub that is away for a moment is no failure; what it refuses is. */
async function withPatience<T>(ports: HandInPorts, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const passing = error instanceof ApiError && (error.status === 0 || error.status === 503);
      if (!passing || attempt === attempts) throw error;
      await ports.wait(500 * 2 ** attempt);
    }
  }
}

async function inParallel<T, R>(list: T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const out: R[] = new Array(list.length);
  let next = 0;
  const run = async () => {
    for (let i = next++; i < list.length; i = next++) out[i] = await work(list[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(together, list.length) }, run));
  return out;
}
