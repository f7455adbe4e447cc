// Batches: how far, how fast, how long still; and what has just ended.
import { For, Show } from 'solid-js';
import { formatRate, formatSpan, formatTime, formatUsd, formatWhole } from '../format';
import { lang, t } from '../i18n';
import type { BatchRow, RecentRow } from '../live/views';
import { State } from './State';

const parts = ['succeeded', 'failed', 'cancelled', 'running', 'waiting'] as const;

export function BatchCard(props: { batch: BatchRow; onOpen?: (batch: string) => void }) {
  const b = () => props.batch;
  const done = () => b().succeeded + b().failed + b().cancelled;
  const share = (n: number) => (b().total > 0 ? n / b().total : 0);
  const before = (index: number) => parts.slice(0, index).reduce((sum, part) => sum + share(b()[part]), 0);
  const costs = () => Number(b().costUsd) > 0;
  return (
    <article class="card batch" classList={{ opens: props.onOpen !== undefined }} data-batch={b().key}>
      <div class="row">
        <h3 title={b().title}>
          <Show when={props.onOpen} fallback={b().title}>
            {(open) => (
              <button type="button" class="cover" aria-label={t().start.batch.open(b().title)} onClick={() => open()(b().key)}>
                {b().title}
              </button>
            )}
          </Show>
        </h3>
        <State state={b().state} word={t().batches.state[b().state]} />
      </div>
      <div
        class="stack"
        role="progressbar"
        aria-label={b().title}
        aria-valuemin="0"
        aria-valuemax={b().total}
        aria-valuenow={done()}
      >
        <For each={parts}>
          {(part, i) => <i class={part} style={{ transform: `translateX(${before(i()) * 100}%) scaleX(${share(b()[part])})` }} />}
        </For>
      </div>
      <div class="row">
        <b class="num">{t().batches.progress(formatWhole(done(), lang()), formatWhole(b().total, lang()))}</b>
        <Show when={b().perMinute > 0}>
          <span class="dim num">{t().batches.rate(formatRate(b().perMinute, lang()))}</span>
        </Show>
        <span class="push num">
          <Show when={b().leftSeconds !== null} fallback={costs() ? formatUsd(b().costUsd, lang()) : ''}>
            {t().batches.left(formatSpan(b().leftSeconds ?? 0, lang()))}
          </Show>
        </span>
      </div>
      <ul class="legend">
        <For each={[...parts, 'queued' as const]}>
          {(part) => (
            <Show when={b()[part] > 0}>
              <li class={part}>
                <i />
                <span class="num">{formatWhole(b()[part], lang())}</span> {t().batches[part]}
              </li>
            </Show>
          )}
        </For>
      </ul>
    </article>
  );
}

export function Batches(props: { batches: BatchRow[]; onOpen: (batch: string) => void }) {
  return (
    <section class="section-batches" aria-labelledby="batches">
      <h2 id="batches">{t().batches.title}</h2>
      <Show when={props.batches.length > 0} fallback={<p class="nothing">{t().batches.none}</p>}>
        <For each={props.batches}>{(batch) => <BatchCard batch={batch} onOpen={props.onOpen} />}</For>
      </Show>
    </section>
  );
}

export function Recent(props: { recent: RecentRow[]; onOpen: (task: string) => void }) {
  return (
    <section aria-labelledby="recent">
      <h2 id="recent">{t().recent.title}</h2>
      <Show when={props.recent.length > 0} fallback={<p class="nothing">{t().recent.none}</p>}>
        <ul class="recent">
          <For each={props.recent}>
            {(r) => (
              <li data-task={r.key}>
                <button type="button" onClick={() => props.onOpen(r.key)} title={r.title}>
                  <State state={r.state} word="" quiet />
                  <span class="title">
                    <span class="hidden">{t().task.state[r.state]}: </span>
                    {r.title}
                  </span>
                  <time class="num dim">{formatTime(r.endedAt, lang())}</time>
                  <span class="dim detail">
                    {r.error ||
                      [
                        r.target || r.worker,
                        r.tokens > 0 && t().work.tokens(formatWhole(r.tokens, lang())),
                        r.seconds !== null && t().recent.took(formatSpan(r.seconds, lang())),
                      ]
                        .filter(Boolean)
                        .join(' · ')}
                  </span>
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}
