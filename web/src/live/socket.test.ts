import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveMessage } from '../api/types.gen';
import { changes, snapshot } from './samples.test-data';
import { type Link, LiveSocket } from './socket';

class FakeSocket {
  onopen: WebSocket['onopen'] = null;
  onmessage: WebSocket['onmessage'] = null;
  onclose: WebSocket['onclose'] = null;
  closed = false;
  close() {
    this.closed = true;
  }
  answer(message: LiveMessage | string) {
    this.onopen?.call(this as never, {} as Event);
    this.onmessage?.call(this as never, { data: typeof message === 'string' ? message : JSON.stringify(message) } as MessageEvent);
  }
  end() {
    this.onclose?.call(this as never, {} as CloseEvent);
  }
}

function make(allowed: 'yes' | 'no' | 'unreachable' = 'unreachable') {
  const opened: FakeSocket[] = [];
  const links: Link[] = [];
  const messages: LiveMessage[] = [];
  const ports = {
    open: () => {
      opened.push(new FakeSocket());
      return opened.at(-1)!;
    },
    allowed: () => Promise.resolve(allowed),
    random: () => 1,
  };
  const live = new LiveSocket('ws://hub/fleet/v1/live', ports, (m) => messages.push(m), (l) => links.push(l));
  live.start();
  return { live, opened, links, messages };
}

describe('LiveSocket', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is live with the first snapshot', () => {
    const { opened, links, messages } = make();
    expect(links).toEqual(['connecting']);
    opened[0]!.answer(snapshot(1));
    opened[0]!.answer(changes(2));
    expect(links).toEqual(['connecting', 'live']);
    expect(messages.map((m) => m.offset)).toEqual([1, 2]);
  });

  it('comes back by itself after a cut', async () => {
    const { opened, links } = make();
    opened[0]!.answer(snapshot(1));
    opened[0]!.end();
    expect(links.at(-1)).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(400);
    expect(opened.length).toBe(2);
    opened[1]!.answer(snapshot(5));
    expect(links.at(-1)).toBe('live');
  });

  it('waits longer each time, but never over ten seconds', async () => {
    const { opened } = make();
    for (const wait of [400, 800, 1600, 3200, 6400, 10_000, 10_000]) {
      const before = opened.length;
      opened.at(-1)!.end();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(opened.length).toBe(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(opened.length).toBe(before + 1);
    }
  });

  it('gives up only where the hub says that this browser is signed out', async () => {
    const { opened, links } = make('no');
    opened[0]!.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(links.at(-1)).toBe('denied');
    expect(opened.length).toBe(1);
  });

  it('hurries when told, and not while a connection is there', async () => {
    const { live, opened } = make();
    opened[0]!.answer(snapshot(1));
    live.hurry();
    expect(opened.length).toBe(1);
    opened[0]!.end();
    live.hurry();
    expect(opened.length).toBe(2);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(opened.length).toBe(2);
  });

  it('stays closed after stop, also from within a wait', async () => {
    const { live, opened, links } = make();
    opened[0]!.end();
    live.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened.length).toBe(1);
    expect(links.at(-1)).toBe('closed');
  });

  it('passes over what is no message', () => {
    const { opened, messages } = make();
    opened[0]!.answer('not json');
    opened[0]!.answer('{"type":"something else"}');
    expect(messages).toEqual([]);
  });
});
