// Nodes as cards, each with its engines.
import { For, Index, Show } from 'solid-js';
import { formatLoad, formatMemory, formatRate, formatSpan } from '../format';
import { lang, t } from '../i18n';
import type { EngineView, MachineView } from '../live/views';
import { Icon } from './Icon';
import { Meter } from './Meter';
import { State } from './State';

function EngineRow(props: { engine: EngineView }) {
  const e = () => props.engine;
  const firstLine = () => e().message.split('\n', 1)[0];
  const more = () => e().message.includes('\n');
  return (
    <li class={`engine hue-${e().hue}`} data-engine={e().key}>
      <div class="row">
        <span class="tick" />
        <b class="name">{e().name}</b>
        <span class="dim">{e().kind}</span>
        <Show when={e().demonstration}>
          <span class="badge warn">{t().engines.demonstration}</span>
        </Show>
        <State state={e().state} word={t().engines.state[e().state]} quiet />
      </div>
      <div class="row">
        <span class="models" title={e().models.join(', ')}>
          {e().models.join(', ')}
        </span>
        <Show when={e().state === 'ready'}>
          <span class="dim num">{t().work.rate(formatRate(e().rate, lang()))}</span>
          <span class="dots" role="img" aria-label={t().engines.slots(e().used, e().slots)} title={t().engines.slots(e().used, e().slots)}>
            <Index each={Array.from({ length: Math.min(16, e().slots) })}>{(_, i) => <i classList={{ on: i < e().used }} />}</Index>
          </span>
        </Show>
      </div>
      <Show when={e().message && e().state !== 'ready'}>
        <Show when={more()} fallback={<p class="problem">{firstLine()}</p>}>
          <details class="problem">
            <summary>{firstLine()}</summary>
            <pre>{e().message}</pre>
          </details>
        </Show>
      </Show>
    </li>
  );
}

function MachineCard(props: { machine: MachineView; now: number }) {
  const m = () => props.machine;
  const linked = () => m().state === 'linked' || m().state === 'draining';
  const share = () => (m().cpus > 0 ? Math.min(1, m().load / m().cpus) : 0);
  const seen = () => (m().seenAt === null ? t().machines.never : t().machines.seen(formatSpan((props.now - m().seenAt!) / 1000, lang())));
  const facts = () =>
    [m().system, m().cpus > 0 && t().machines.cpus(m().cpus), m().memoryMb > 0 && formatMemory(m().memoryMb, lang())].filter(Boolean).join(' · ');
  return (
    <article class="card machine" classList={{ away: !linked() }} data-node={m().name}>
      <div class="row">
        <Icon name={m().home ? 'home' : 'machine'} />
        <h3>{m().name}</h3>
        <Show when={m().home}>
          <span class="badge" title={t().machines.homeHint}>
            {t().machines.home}
          </span>
        </Show>
        <Show when={m().running > 0}>
          <span class="dim num">{t().machines.runs(m().running)}</span>
        </Show>
        <State state={m().state} word={t().machines.state[m().state]} />
      </div>
      <p class="facts">{facts()}</p>
      <Show when={linked()} fallback={<p class="facts">{seen()}</p>}>
        <div class="row load" title={seen()}>
          <span class="dim">{t().machines.load}</span>
          <Meter value={share()} label={t().machines.load} tone={share() > 0.9 ? 'warn' : 'calm'} />
          <span class="num">{formatLoad(m().load, lang())}</span>
        </div>
      </Show>
      <Show when={m().engines.length > 0}>
        <ul class="engines">
          <For each={m().engines}>{(engine) => <EngineRow engine={engine} />}</For>
        </ul>
      </Show>
    </article>
  );
}

export function Machines(props: { machines: MachineView[]; now: number }) {
  return (
    <section aria-labelledby="machines">
      <h2 id="machines">
        {t().machines.title}
        <small>{t().machines.count(props.machines.length)}</small>
      </h2>
      <div class="machines">
        <For each={props.machines}>{(machine) => <MachineCard machine={machine} now={props.now} />}</For>
      </div>
    </section>
  );
}
