// The batch that is being made on this page: its files, the upload, and the batch that came of it. Outlives the panel that shows it.
import { createSignal } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import { addBatchItems, cancelBatch, createBatch, putBlob, sealBatch } from '../api/client';
import { type Chosen, documentLimit, merge, problemOf } from './files';
import { type FileState, type HandInPorts, handIn } from './hand_in';
import { hashFile } from './sha256';

export interface Progress {
  state: FileState;
  sent: number; // bytes
  problem: string;
}

const hub: HandInPorts = {
  hash: (file) => hashFile(file),
  createBatch,
  putBlob,
  addItems: addBatchItems,
  seal: sealBatch,
  cancel: cancelBatch,
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
};

/** A name for this submission; crypto.randomUUID is not there on pages of plain HTTP. */
function newKey(): string {
  const random = crypto.getRandomValues(new Uint32Array(4));
  return `board-${[...random].map((n) => n.toString(36)).join('-')}`;
}

export function createBatchDesk(ports: HandInPorts = hub) {
  const [files, setFiles] = createSignal<Chosen[]>([]);
  const [phase, setPhase] = createSignal<'draft' | 'uploading' | 'handed_in'>('draft');
  const [batch, setBatch] = createSignal<string | null>(null);
  const [problem, setProblem] = createSignal<unknown>(null);
  const [progress, setProgress] = createStore<Record<string, Progress>>({});

  const good = () => files().filter((f) => problemOf(f.file) === null);
  const add = (more: Chosen[]) => {
    if (phase() === 'handed_in') reset();
    if (phase() === 'draft') setFiles((known) => merge(known, more));
  };
  const remove = (path: string) => setFiles((known) => known.filter((f) => f.path !== path));

  function reset(): void {
    setFiles([]);
    setBatch(null);
    setProblem(null);
    setProgress(reconcile({}));
    setPhase('draft');
  }

  async function submit(job: { prompt: string; model: string; title: string; maxCost: string }): Promise<void> {
    if (phase() !== 'draft' || good().length === 0) return;
    setProblem(null);
    setProgress(reconcile({}));
    setPhase('uploading');
    const onFile = (path: string, state: FileState, sent: number, why: string) => setProgress(path, { state, sent, problem: why });
    try {
      await handIn(ports, { ...job, files: good(), key: newKey() }, onFile, setBatch);
      setPhase('handed_in');
    } catch (error) {
      setProblem(error);
      setPhase('draft');
    }
  }

  /** 0 to 1, by bytes. */
  const uploaded = () => {
    const all = good();
    const total = all.reduce((sum, f) => sum + f.file.size, 0);
    const sent = all.reduce((sum, f) => sum + (progress[f.path]?.state === 'sent' || progress[f.path]?.state === 'failed' ? f.file.size : Math.min(f.file.size, progress[f.path]?.sent ?? 0)), 0);
    return total > 0 ? sent / total : 0;
  };
  const failed = () => Object.entries(progress).filter(([, p]) => p.state === 'failed');
  return { files, good, phase, batch, problem, progress, uploaded, failed, add, remove, reset, submit, limit: documentLimit };
}

export type BatchDesk = ReturnType<typeof createBatchDesk>;
