// The items of one batch as they end: those that are shown, and all of them for a download.
import type { BatchItem, BatchItemPage } from '../api/types.gen';
import type { Result } from './results';

export const shown = 200;
const page = 500;

export interface ItemPorts {
  list(batch: string, query: string): Promise<BatchItemPage>;
  blob(id: string): Promise<string>;
}

/** Holds what has been read; `more` asks only for what ended since. */
export class ItemFollower {
  private items = new Map<number, BatchItem>();
  private place = '0';

  constructor(
    private readonly ports: ItemPorts,
    private readonly batch: string,
  ) {}

  async begin(): Promise<void> {
    const first = await this.ports.list(this.batch, `limit=${shown}`);
    for (const item of first.items) this.items.set(item.index, item);
    await this.more();
  }

  async more(): Promise<void> {
    for (;;) {
      const ended = await this.ports.list(this.batch, `limit=${page}&ended_after=${encodeURIComponent(this.place)}`);
      for (const item of ended.items) this.items.set(item.index, item);
      this.place = ended.next ?? this.place;
      if (ended.items.length < page) return;
    }
  }

  /** The first by index. */
  view(): BatchItem[] {
    return [...this.items.values()].sort((a, b) => a.index - b.index).slice(0, shown);
  }
}

/** Text of an item that succeeded, wherever it is kept. */
export async function textOf(item: BatchItem, ports: Pick<ItemPorts, 'blob'>): Promise<string> {
  const result = item.task.result;
  return result?.text ?? (result?.blob ? await ports.blob(result.blob) : '');
}

export async function collect(batch: string, ports: ItemPorts): Promise<Result[]> {
  const out: Result[] = [];
  for (let cursor = ''; ; ) {
    const items = await ports.list(batch, `limit=${page}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    for (const item of items.items) out.push({ item, text: await textOf(item, ports) });
    if (!items.next) return out;
    cursor = items.next;
  }
}
