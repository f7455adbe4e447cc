// The first board: machines, work, workers, batches, all of it live.
import { createEffect, createSignal, For, onCleanup, Show } from 'solid-js';
import { t } from '../i18n';
import type { Board } from '../live/board';
import { Batches, Recent } from './Batches';
import { NoEngine, NoWork } from './Empty';
import { Header } from './Header';
import { Icon } from './Icon';
import { Machines } from './Machines';
import { Pane } from './Pane';
import { TaskPanel } from './TaskPanel';

const denseFrom = 16; // panes: above that they are drawn smaller, and nothing glides: it would never come to rest

export function BoardPage(props: { board: Board; onSignOut: () => void }) {
  const view = props.board.view;
  const stale = () => props.board.ready() && props.board.link() !== 'live';
  const [open, setOpen] = createSignal<string | null>(null);
  const noEngine = () => view.machines.every((m) => m.engines.length === 0 && m.workers.length === 0);
  const noWork = () => view.slots.length === 0 && view.batches.length === 0 && view.recent.length === 0 && view.totals.queued === 0;
  const many = () => view.slots.length > denseFrom;
  const busy = () => view.slots.filter((s) => s.phase === 'busy').length;

  createEffect(() => {
    const running = view.totals.running > 0 ? `(${view.totals.running}) ` : '';
    document.title = view.hub ? `${running}${view.hub} · flotte` : 'flotte';
  });
  onCleanup(() => {
    document.title = 'flotte';
  });

  return (
    <>
      <Header board={props.board} onSignOut={props.onSignOut} />
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
      <Show when={stale()}>
        <p class="stale-note" role="alert">
          <Icon name="away" />
          {t().link.stale}
        </p>
      </Show>
      <Show when={props.board.ready()} fallback={<p class="opening">{t().link[props.board.link()]}</p>}>
        <main class="board" classList={{ stale: stale(), many: many() }}>
          <div class="wide">
            <Machines machines={view.machines} now={props.board.now()} />
            <Show when={noEngine()}>
              <NoEngine />
            </Show>
            <Show when={!noEngine() && noWork()} fallback={
              <Show when={!noEngine()}>
                <section class="section-work" aria-labelledby="work">
                  <h2 id="work">
                    {t().work.title}
                    <small>{t().work.count(busy())}</small>
                  </h2>
                  <Show when={view.slots.length > 0} fallback={<p class="nothing">{t().work.nothing}</p>}>
                    <div class="wall" classList={{ dense: many() }}>
                      <For each={view.slots}>{(slot) => <Pane slot={slot} now={props.board.now()} onOpen={setOpen} />}</For>
                    </div>
                  </Show>
                </section>
              </Show>
            }>
              <NoWork />
            </Show>
          </div>
          <aside class="rail">
            <Batches batches={view.batches} />
            <Recent recent={view.recent} onOpen={setOpen} />
          </aside>
        </main>
      </Show>
      <Show when={open()} keyed>
        {(id) => <TaskPanel id={id} view={view} onClose={() => setOpen(null)} />}
      </Show>
    </>
  );
}
