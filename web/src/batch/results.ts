// The results of a batch as files to take away: one line of JSON each, or a ZIP with a text file each.
import type { BatchItem } from '../api/types.gen';
import { type Entry, makeZip } from './zip';

export interface Result {
  item: BatchItem;
  text: string; // empty where it did not succeed
}

/** "a/b.pdf" -> "a/b.pdf.md"; never outside the folder it is unpacked into, and no two alike. */
export function resultNames(items: BatchItem[]): string[] {
  const taken = new Set<string>();
  return items.map((item) => {
    const parts = (item.name ?? `item-${item.index}`).split(/[/\\]/).filter((part) => part !== '' && part !== '.' && part !== '..');
    const path = parts.join('/') || `item-${item.index}`;
    let name = `${path}.md`;
    for (let n = 2; taken.has(name); n++) name = `${path}-${n}.md`;
    taken.add(name);
    return name;
  });
}

/** As `flotte batch run` writes them, with the text in `text`. */
export function toJsonLines(results: Result[]): string {
  const names = resultNames(results.map((r) => r.item));
  const lines = results.map(({ item, text }, i) => {
    const { state, node, worker, model, target, attempt, usage, error } = item.task;
    const done = state === 'succeeded';
    return `${JSON.stringify({ input: item.name, state, output: done ? names[i] : null, text: done ? text : null, node, worker, model, target, attempt, usage, error })}\n`;
  });
  return lines.join('');
}

export function toZip(results: Result[], at = new Date()): Blob {
  const names = resultNames(results.map((r) => r.item));
  const encoder = new TextEncoder();
  const entries: Entry[] = [{ name: 'results.jsonl', bytes: encoder.encode(toJsonLines(results)) }];
  results.forEach(({ item, text }, i) => {
    if (item.task.state === 'succeeded') entries.push({ name: names[i]!, bytes: encoder.encode(text) });
  });
  return makeZip(entries, at);
}

export function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it a moment later
}
