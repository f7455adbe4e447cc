// The workers of one node: slots in use, what each has done.
import { For, Show } from 'solid-js';
import { formatWhole } from '../format';
import { lang, t } from '../i18n';
import type { WorkerRow } from '../live/views';
import { Icon } from './Icon';
import { Slots } from './Slots';
import { State } from './State';

const shown = 6; // more are behind a fold

function WorkerItem(props: { worker: WorkerRow }) {
  const w = () => props.worker;
  const count = (n: number) => formatWhole(n, lang());
  const story = () => [t().workers.kind[w().kind], w().done > 0 && t().workers.done(count(w().done)), w().failed > 0 && t().workers.failed(count(w().failed))];
  return (
    <li class="entry" data-worker={w().key} data-state={w().state}>
      <div class="row">
        <Icon name="worker" />
        <b class="name">{w().name}</b>
        <State state={w().state} word={t().workers.state[w().state]} quiet />
      </div>
      <div class="row">
        <span class="models num">{story().filter(Boolean).join(' · ')}</span>
        <Slots used={w().used} all={w().slots} />
      </div>
      <Show when={w().message}>
        <p class="problem">{w().message}</p>
      </Show>
    </li>
  );
}

export function Workers(props: { workers: WorkerRow[] }) {
  return (
    <ul class="entries" aria-label={t().workers.title}>
      <For each={props.workers.slice(0, shown)}>{(worker) => <WorkerItem worker={worker} />}</For>
      <Show when={props.workers.length > shown}>
        <li>
          <details class="more">
            <summary>{t().workers.more(props.workers.length - shown)}</summary>
            <ul class="entries">
              <For each={props.workers.slice(shown)}>{(worker) => <WorkerItem worker={worker} />}</For>
            </ul>
          </details>
        </li>
      </Show>
    </ul>
  );
}
