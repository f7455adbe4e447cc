// One slot of a worker: what it is on, how far it is, who answers, and the end of what it writes.
import { Show } from 'solid-js';
import { formatClock, formatPercent, formatRate, formatWhole } from '../format';
import { lang, t } from '../i18n';
import { stepInWords } from '../i18n/steps';
import type { SlotView } from '../live/views';
import { Meter } from './Meter';
import { State } from './State';

export function Pane(props: { slot: SlotView; now: number; onOpen: (task: string) => void }) {
  const s = () => props.slot;
  const busy = () => s().phase === 'busy';
  const elapsed = () => ((s().endedAt ?? props.now) - s().since) / 1000;
  return (
    <article class={`pane hue-${s().hue}`} classList={{ over: !busy() }} data-slot={s().key} data-phase={s().phase}>
      <div class="row who">
        <span class="worker">
          {s().worker}
          <em>@{s().node}</em>
        </span>
        <time class="num">{formatClock(elapsed())}</time>
      </div>
      <h3>
        <button type="button" onClick={() => props.onOpen(s().task)} aria-label={t().work.open(s().title)} title={s().title}>
          {s().title}
        </button>
      </h3>
      <div class="row step">
        <Show when={busy()} fallback={<State state={s().phase} word={t().work.phase[s().phase]} quiet />}>
          <span class="what">{stepInWords(s().step) || t().work.phase.busy}</span>
          <Show when={s().progress !== null}>
            <span class="num dim">{formatPercent(s().progress ?? 0, lang())}</span>
          </Show>
        </Show>
      </div>
      <Meter value={busy() ? s().progress : 1} label={stepInWords(s().step)} tone={busy() ? 'hue' : s().phase} />
      <div class="tail" classList={{ none: s().tail === '' }}>
        <p>{s().tail === '' ? t().work[s().kind === 'command' ? 'waitingForOutput' : 'waitingForText'] : s().tail}</p>
      </div>
      <div class="row by">
        <span class="tick" />
        <span class="target" title={s().target}>
          {s().target || (s().kind === 'model' ? t().work.noTarget : t().workers.kind[s().kind])}
        </span>
        <Show when={s().tokens > 0}>
          <span class="num dim">{t().work.tokens(formatWhole(s().tokens, lang()))}</span>
        </Show>
        <Show when={busy() && s().rate > 0}>
          <span class="num">{t().work.rate(formatRate(s().rate, lang()))}</span>
        </Show>
      </div>
    </article>
  );
}
