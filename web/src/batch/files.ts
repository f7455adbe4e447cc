// Files that a person chose or dropped, folders walked through, and what cannot be handed in.

export const documentLimit = 64 * 1024 * 1024; // bytes; docs/limits.md
export const filesLimit = 5000; // of one batch made here; the command line takes any number

export type FileProblem = 'too_large' | 'empty';

export interface Chosen {
  path: string; // relative to what was dropped
  file: File;
}

export function problemOf(file: Pick<File, 'size'>): FileProblem | null {
  return file.size === 0 ? 'empty' : file.size > documentLimit ? 'too_large' : null;
}

/** Those of a file chooser; one for folders gives their paths. */
export function fromChooser(files: Iterable<File>): Chosen[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })).filter(visible);
}

/** `more` behind `known`, each path once: a file that is chosen again replaces the one before. Sorted by path. */
export function merge(known: Chosen[], more: Chosen[]): Chosen[] {
  const all = new Map([...known, ...more].map((chosen) => [chosen.path, chosen]));
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, filesLimit);
}

/** What was dropped. Must be called while the event is handled: the browser empties it afterwards. */
export function fromDrop(data: DataTransfer): Promise<Chosen[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return Promise.resolve(fromChooser(data.files));
  return Promise.all(entries.map((entry) => (entry ? walk(entry) : []))).then((lists) => lists.flat().filter(visible));
}

/** Neither hidden files nor what lies in hidden folders (.git, .DS_Store). */
const visible = (chosen: Chosen) => !chosen.path.split('/').some((part) => part.startsWith('.'));

async function walk(entry: FileSystemEntry): Promise<Chosen[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File | null>((done) => (entry as FileSystemFileEntry).file(done, () => done(null)));
    return file ? [{ path, file }] : [];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const out: Chosen[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((done) => reader.readEntries(done, () => done([])));
    if (some.length === 0) return out;
    for (const inner of some) out.push(...(await walk(inner)));
    if (out.length >= filesLimit) return out;
  }
}

/** What a batch is called: "reports: Summarise this in…", "3 files: …" with `count` in the reader's words. */
export function titleOf(files: Chosen[], prompt: string, count: (n: number) => string): string {
  const roots = new Set(files.map((f) => f.path.split('/')[0]!));
  const what = roots.size === 1 ? [...roots][0]! : count(files.length);
  const words = prompt.trim().replace(/\s+/g, ' ');
  const short = [...words].length > 60 ? `${[...words].slice(0, 59).join('')}…` : words;
  return short ? `${what}: ${short}` : what;
}
