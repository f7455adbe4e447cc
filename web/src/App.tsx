// Sign-in or board: which of the two depends on whether the hub knows this browser.
import { createEffect, createSignal, lazy, Match, onCleanup, onMount, Suspense, Switch } from 'solid-js';
import { listEndedTasks } from './api/client';
import { type Entry, enter, hasSession } from './api/session';
import { lang } from './i18n';
import { createBoard } from './live/board';
import { LiveSocket } from './live/socket';
import { BoardPage } from './ui/BoardPage';
import { Login } from './ui/Login';

// Loaded when they are looked at.
const RequestsPage = lazy(() => import('./ui/sight/RequestsPage').then((m) => ({ default: m.RequestsPage })));
const QueuePage = lazy(() => import('./ui/queue/QueuePage').then((m) => ({ default: m.QueuePage })));
const UsagePage = lazy(() => import('./ui/sight/UsagePage').then((m) => ({ default: m.UsagePage })));

function liveUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/fleet/v1/live`;
}

function ConnectedBoard(props: { onDenied: () => void }) {
  const board = createBoard();
  const socket = new LiveSocket(
    liveUrl(),
    { open: (url) => new WebSocket(url), allowed: hasSession, random: Math.random },
    board.take,
    (link) => {
      if (link === 'denied') return props.onDenied();
      board.setLink(link);
      if (link === 'live') recall();
    },
  );
  const recall = () => {
    // Only what ends from now on comes by the feed. Without what ended before, the board is right, only emptier.
    listEndedTasks(12).then((page) => board.remember(page.items), () => board.remember([]));
  };
  const hurry = () => socket.hurry();
  onMount(() => {
    socket.start();
    addEventListener('online', hurry);
    document.addEventListener('visibilitychange', hurry);
  });
  onCleanup(() => {
    removeEventListener('online', hurry);
    document.removeEventListener('visibilitychange', hurry);
    socket.stop();
    board.dispose();
  });
  return <BoardPage board={board} onSignOut={props.onDenied} />;
}

/** The address says which view; every view is the same page to the hub. */
function View(props: { onDenied: () => void }) {
  return (
    <Switch fallback={<ConnectedBoard onDenied={props.onDenied} />}>
      <Match when={location.pathname === '/requests'}>
        <RequestsPage onDenied={props.onDenied} />
      </Match>
      <Match when={location.pathname === '/tasks'}>
        <QueuePage onDenied={props.onDenied} />
      </Match>
      <Match when={location.pathname === '/usage'}>
        <UsagePage onDenied={props.onDenied} />
      </Match>
    </Switch>
  );
}

export function App() {
  const [entry, setEntry] = createSignal<Entry | 'entering'>('entering');
  const come = async () => setEntry(await enter(location, history));
  onMount(come);
  createEffect(() => {
    document.documentElement.lang = lang();
  });
  return (
    <Switch>
      <Match when={entry() === 'in'}>
        <Suspense>
          <View onDenied={() => setEntry('out')} />
        </Suspense>
      </Match>
      <Match when={entry() !== 'entering'}>
        <Login problem={entry() as Entry} onIn={() => setEntry('in')} onAgain={come} />
      </Match>
    </Switch>
  );
}
