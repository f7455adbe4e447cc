// Every worker on one line: slots in use, what it has done.
import { For, Show } from 'solid-js';
import { formatWhole } from '../format';
import { lang, t } from '../i18n';
import type { WorkerRow } from '../live/views';
import { State } from './State';

export function Workers(props: { workers: WorkerRow[] }) {
  return (
    <section aria-labelledby="workers">
      <h2 id="workers">{t().workers.title}</h2>
      <Show when={props.workers.length > 0} fallback={<p class="nothing">{t().workers.none}</p>}>
        <ul class="workers">
          <For each={props.workers}>
            {(w) => (
              <li data-worker={w.key} data-state={w.state}>
                <span class="worker">
                  {w.name}
                  <em>@{w.node}</em>
                </span>
                <span class="dim kind">{t().workers.kind[w.kind]}</span>
                <span class="num dim">
                  {t().workers.done(formatWhole(w.done, lang()))}
                  <Show when={w.failed > 0}> · {t().workers.failed(formatWhole(w.failed, lang()))}</Show>
                </span>
                <span class="num slots">{t().workers.slots(w.used, w.slots)}</span>
                <State state={w.state} word={t().workers.state[w.state]} quiet />
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}
