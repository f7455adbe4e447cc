import { createRoot } from 'solid-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Model, Provider } from '../api/types.gen';
import { arrange, createCatalog } from './catalog';

const model = (id: string, kind: Model['kind'], targets = ['p/m']): Model => ({ id, kind, targets, why: '', context_tokens: 0, demonstration: false, price: null, local: false });

describe('arrange', () => {
  it('puts the default first, and leaves out patterns and a default that stands for nothing', () => {
    const ids = arrange([model('claude-*', 'alias'), model('z', 'engine'), model('a', 'engine'), model('smart', 'model'), model('default', 'default')]).map((m) => m.id);
    expect(ids).toEqual(['default', 'smart', 'a', 'z']);
    expect(arrange([model('default', 'default', [])])).toEqual([]);
  });
});

describe('createCatalog', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks again a little later, because the hub takes a moment to put a new provider to work', () =>
    createRoot(async (dispose) => {
      let models: Model[] = [];
      const catalog = createCatalog({ models: async () => ({ items: models }), providers: async () => ({ items: [] as Provider[] }) });
      catalog.refresh();
      await vi.advanceTimersByTimeAsync(1);
      expect(catalog.loaded()).toBe(true);
      models = [model('default', 'default')];
      await vi.advanceTimersByTimeAsync(1000);
      expect(catalog.models().length).toBe(1);
      const before = catalog.models();
      models = [model('default', 'default')];
      await vi.advanceTimersByTimeAsync(3000);
      expect(catalog.models()).toBe(before);
      catalog.dispose();
      dispose();
    }));
  it('knows that a key may not see providers, and still shows the models', () =>
    createRoot(async (dispose) => {
      const catalog = createCatalog({ models: async () => ({ items: [model('a', 'engine')] }), providers: () => Promise.reject({ status: 403 }) });
      catalog.refresh();
      await vi.advanceTimersByTimeAsync(1);
      expect(catalog.allowed()).toBe(false);
      expect(catalog.models().length).toBe(1);
      catalog.dispose();
      dispose();
    }));
});
