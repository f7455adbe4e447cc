// Which models can be asked and which providers there are. The live feed does not tell, so they are asked for when something may have changed.
import { createSignal } from 'solid-js';
import { listModels, listProviders } from '../api/client';
import type { Model, Provider } from '../api/types.gen';

const againMs = [800, 2500]; // the hub takes a moment to put a new provider or engine to work

export interface CatalogPorts {
  models(): Promise<{ items: Model[] }>;
  providers(): Promise<{ items: Provider[] }>;
}

export function createCatalog(ports: CatalogPorts = { models: listModels, providers: listProviders }) {
  const [models, setModels] = createSignal<Model[]>([]);
  const [providers, setProviders] = createSignal<Provider[]>([]);
  const [loaded, setLoaded] = createSignal(false);
  const [allowed, setAllowed] = createSignal(true); // only an admin sees and adds providers
  const timers = new Set<ReturnType<typeof setTimeout>>();

  async function load(): Promise<void> {
    const [m, p] = await Promise.allSettled([ports.models(), ports.providers()]);
    if (m.status === 'fulfilled') setModels((old) => kept(old, arrange(m.value.items)));
    if (p.status === 'fulfilled') setProviders((old) => kept(old, p.value.items));
    else setAllowed((p.reason as { status?: number }).status !== 403);
    setLoaded(true);
  }

  /** Now, and again a little later. */
  function refresh(): void {
    void load();
    dispose();
    for (const ms of againMs) timers.add(setTimeout(() => void load(), ms));
  }

  function dispose(): void {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  }
  return { models, providers, loaded, allowed, refresh, dispose };
}

/** The old list where the new one says the same, so that nothing is drawn anew. */
function kept<T>(old: T[], next: T[]): T[] {
  return JSON.stringify(old) === JSON.stringify(next) ? old : next;
}

export type Catalog = ReturnType<typeof createCatalog>;

const rank: Record<Model['kind'], number> = { default: 0, model: 1, engine: 2, provider: 3, alias: 4 };

/** As a person looks for them: `default` first, then what was configured, then the rest by name; patterns ("claude-*") cannot be asked for. */
export function arrange(models: Model[]): Model[] {
  const askable = models.filter((m) => !m.id.includes('*') && (m.targets.length > 0 || m.kind !== 'default'));
  return askable.sort((a, b) => (rank[a.kind] ?? 9) - (rank[b.kind] ?? 9) || (a.id < b.id ? -1 : 1));
}
