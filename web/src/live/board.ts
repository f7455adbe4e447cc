// The bridge from the feed to the screen: messages come at any speed, the view changes at most ten times a second, and once a second by itself.
import { createSignal } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { LiveMessage, Task } from '../api/types.gen';
import { Fleet } from './fleet';
import type { Link } from './socket';
import type { BoardView } from './views';

const frameMs = 100;
const fullFrameMs = 200; // with more panes than `full`: nobody reads that many at once
const full = 24;
const hiddenFrameMs = 2000;
const historySeconds = 60;

export function createBoard(clock: () => number = Date.now) {
  const fleet = new Fleet();
  const [view, setView] = createStore<BoardView>(fleet.view(clock()));
  const [ready, setReady] = createSignal(false);
  const [recalled, setRecalled] = createSignal(false); // what ended before is known, or cannot be known
  const [link, setLink] = createSignal<Link>('connecting');
  const [now, setNow] = createSignal(clock()); // the hub's clock, second by second
  const [history, setHistory] = createSignal<number[]>([]); // tokens per second, one a second
  let timer: ReturnType<typeof setTimeout> | undefined;

  function show(): void {
    clearTimeout(timer);
    timer = undefined;
    const next = fleet.view(clock());
    setView(reconcile(next, { key: 'key' }));
    setReady(fleet.ready);
  }

  function take(message: LiveMessage): void {
    fleet.apply(message, clock());
    if (message.type === 'snapshot' && !ready()) return show();
    timer ??= setTimeout(show, document.hidden ? hiddenFrameMs : view.slots.length > full ? fullFrameMs : frameMs);
  }

  function remember(tasks: Task[]): void {
    fleet.remember(tasks);
    if (!recalled()) show();
    else timer ??= setTimeout(show, frameMs);
    setRecalled(true);
  }

  const ticking = setInterval(() => {
    if (link() !== 'live') return; // a stale picture does not move
    if (timer === undefined) show();
    setNow(clock() + view.clockOffset);
    setHistory((h) => [...h.slice(1 - historySeconds), view.totals.tokensPerSecond]);
  }, 1000);

  function dispose(): void {
    clearInterval(ticking);
    clearTimeout(timer);
  }
  return { view, ready, recalled, link, setLink, now, history, take, remember, dispose };
}

export type Board = ReturnType<typeof createBoard>;
