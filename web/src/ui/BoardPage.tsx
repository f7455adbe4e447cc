// The first board: machines, work, workers, batches, all of it live; and what can be done with them.
import { createEffect, createSignal, For, on, onCleanup, onMount, Show } from 'solid-js';
import { createBatchDesk } from '../batch/desk';
import { t } from '../i18n';
import type { Board } from '../live/board';
import { createCatalog } from '../live/catalog';
import { Batches, Recent } from './Batches';
import { BatchPanel } from './batch/BatchStory';
import { NewBatch } from './batch/NewBatch';
import { DropPlace } from './DropPlace';
import { Header } from './Header';
import { Icon } from './Icon';
import { Machines } from './Machines';
import { Pane } from './Pane';
import { type Action, ActionPanel, Actions } from './start/Actions';
import { Start } from './start/Start';
import { TaskPanel } from './TaskPanel';

const denseFrom = 16; // panes: above that they are drawn smaller, and nothing glides: it would never come to rest

/** Banners: what a reader must know before believing what is on screen. */
function Banners(props: { board: Board }) {
  const view = props.board.view;
  return (
    <>
      <Show when={view.simulated}>
        <p class="banner simulated" role="note">
          <Icon name="warn" />
          {t().banner.simulated}
        </p>
      </Show>
      <Show when={view.demonstration.length > 0}>
        <p class="banner" role="note">
          <Icon name="warn" />
          <span>
            {t().banner.demonstration} <span class="dim">({view.demonstration.join(', ')})</span>
          </span>
        </p>
      </Show>
    </>
  );
}

/** The wall: one pane for each slot at work. */
function Wall(props: { board: Board; many: boolean; onOpen: (task: string) => void }) {
  const view = props.board.view;
  const busy = () => view.slots.filter((s) => s.phase === 'busy').length;
  return (
    <section class="section-work" aria-labelledby="work">
      <h2 id="work">
        {t().work.title}
        <small>{t().work.count(busy())}</small>
      </h2>
      <Show when={view.slots.length > 0} fallback={<p class="nothing">{t().work.nothing}</p>}>
        <div class="wall" classList={{ dense: props.many }}>
          <For each={view.slots}>{(slot) => <Pane slot={slot} now={props.board.now()} onOpen={props.onOpen} />}</For>
        </div>
      </Show>
    </section>
  );
}

export function BoardPage(props: { board: Board; onSignOut: () => void }) {
  const view = props.board.view;
  const catalog = createCatalog();
  const desk = createBatchDesk();
  const stale = () => props.board.ready() && props.board.link() !== 'live';
  const ready = () => props.board.ready() && props.board.recalled() && catalog.loaded();
  const [task, setTask] = createSignal<string | null>(null);
  const [batch, setBatch] = createSignal<string | null>(null);
  const [action, setAction] = createSignal<Action | null>(null);
  const [steps, setSteps] = createSignal<'auto' | 'shown' | 'hidden'>('auto');
  const many = () => view.slots.length > denseFrom;

  // The first steps are there while there is nothing to see, and stay for as long as somebody is at them.
  const noWork = () => view.slots.length === 0 && view.batches.length === 0 && view.recent.length === 0 && view.totals.queued === 0;
  const starting = () => steps() === 'shown' || (steps() === 'auto' && (catalog.models().length === 0 || noWork()));

  onMount(catalog.refresh);
  const engines = () => view.machines.flatMap((m) => [m.state, ...m.engines.map((e) => `${e.key} ${e.state} ${e.models.join(' ')}`)]).join(',');
  createEffect(on(engines, catalog.refresh, { defer: true }));
  createEffect(() => {
    const running = view.totals.running > 0 ? `(${view.totals.running}) ` : '';
    document.title = view.hub ? `${running}${view.hub} · flotte` : 'flotte';
  });
  const stay = (event: BeforeUnloadEvent) => desk.phase() === 'uploading' && event.preventDefault();
  addEventListener('beforeunload', stay);
  onCleanup(() => {
    removeEventListener('beforeunload', stay);
    catalog.dispose();
    document.title = 'flotte';
  });

  const machines = () => <Machines machines={view.machines} now={props.board.now()} />;
  return (
    <>
      <Header board={props.board} onSignOut={props.onSignOut} />
      <Banners board={props.board} />
      <Show when={stale()}>
        <p class="stale-note" role="alert">
          <Icon name="away" />
          {t().link.stale}
        </p>
      </Show>
      <Show when={ready()} fallback={<p class="opening">{t().link[props.board.ready() ? 'connecting' : props.board.link()]}</p>}>
        <Show when={!starting()}>
          <Actions onChoose={setAction} onSteps={() => setSteps('shown')} />
        </Show>
        <main class="board" classList={{ stale: stale(), many: many(), starting: starting() }}>
          <div class="wide">
            <Show when={starting()} fallback={machines()}>
              <Start
                board={props.board}
                catalog={catalog}
                desk={desk}
                onFiles={() => setAction('files')}
                onHide={() => setSteps('hidden')}
                onTouch={() => setSteps('shown')}
              />
            </Show>
            <Show when={!starting() || view.slots.length > 0}>
              <Wall board={props.board} many={many()} onOpen={setTask} />
            </Show>
          </div>
          <aside class="rail">
            <Show when={starting()}>{machines()}</Show>
            <Show when={!starting() || !noWork()}>
              <Batches batches={view.batches} onOpen={setBatch} />
              <Recent recent={view.recent} onOpen={setTask} />
            </Show>
          </aside>
        </main>
        <DropPlace
          onDrop={(files) => {
            desk.add(files);
            setAction('files');
          }}
        />
      </Show>
      <Show when={task()} keyed>
        {(id) => <TaskPanel id={id} view={view} onClose={() => setTask(null)} />}
      </Show>
      <Show when={batch()} keyed>
        {(id) => <BatchPanel id={id} board={props.board} onClose={() => setBatch(null)} />}
      </Show>
      <Show when={action()} keyed>
        {(chosen) =>
          chosen === 'files' ? (
            <NewBatch board={props.board} catalog={catalog} desk={desk} onClose={() => setAction(null)} />
          ) : (
            <ActionPanel action={chosen} board={props.board} catalog={catalog} onClose={() => setAction(null)} />
          )
        }
      </Show>
    </>
  );
}
