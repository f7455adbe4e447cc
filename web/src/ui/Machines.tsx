// Nodes as cards, each with its engines and workers.
import { For, Show } from 'solid-js';
import { formatLoad, formatMemory, formatRate, formatSpan } from '../format';
import { lang, t } from '../i18n';
import { isLinked } from '../live/machines';
import type { EngineView, MachineView, SeenView } from '../live/views';
import { Icon } from './Icon';
import { Meter } from './Meter';
import { Slots } from './Slots';
import { State } from './State';
import { Workers } from './Workers';

function EngineItem(props: { engine: EngineView }) {
  const e = () => props.engine;
  const firstLine = () => e().message.split('\n', 1)[0];
  const about = () => [...e().models, e().kind].join(' · ');
  const more = () => e().message.includes('\n');
  return (
    <li class={`entry hue-${e().hue}`} data-engine={e().key}>
      <div class="row">
        <span class="tick" />
        <b class="name">{e().name}</b>
        <Show when={e().demonstration}>
          <span class="badge warn">{t().engines.demonstration}</span>
        </Show>
        <State state={e().state} word={t().engines.state[e().state]} quiet />
      </div>
      <div class="row">
        <span class="models" title={about()}>
          {about()}
        </span>
        <Show when={e().state === 'ready'}>
          <Show when={e().rate > 0}>
            <span class="dim num">{t().work.rate(formatRate(e().rate, lang()))}</span>
          </Show>
          <Slots used={e().used} all={e().slots} />
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

/** What was found on the machine and cannot be used, behind a fold: each with its reason and what to do. */
function SeenList(props: { seen: SeenView[] }) {
  return (
    <details class="more seen">
      <summary>{t().machines.seenNotUsable(props.seen.length)}</summary>
      <ul class="entries">
        <For each={props.seen}>
          {(one) => (
            <li class="entry" data-seen={one.name}>
              <b class="name">{one.name}</b>
              <p class="dim">
                {one.why}
                <Show when={one.hint}> — {one.hint}</Show>
              </p>
            </li>
          )}
        </For>
      </ul>
    </details>
  );
}

function MachineCard(props: { machine: MachineView; now: number }) {
  const m = () => props.machine;
  const linked = () => isLinked(m().state);
  const share = () => (m().cpus > 0 ? Math.min(1, m().load / m().cpus) : 0);
  const seen = () => (m().seenAt === null ? t().machines.never : t().machines.seen(formatSpan((props.now - m().seenAt!) / 1000, lang())));
  const facts = () =>
    [m().system, m().cpus > 0 && t().machines.cpus(m().cpus), m().memoryMb > 0 && formatMemory(m().memoryMb, lang()), ...hardware()].filter(Boolean).join(' · ');
  const power = () => {
    const battery = m().battery;
    if (battery?.discharging) return t().machines.battery(battery.percent);
    if (!m().mains) return '';
    return battery ? t().machines.charging(battery.percent) : t().machines.mains;
  };
  const hardware = () => [
    ...m().gpus.map((g) => (g.memoryMb > 0 ? `${g.name} ${formatMemory(g.memoryMb, lang())}` : g.name)),
    m().diskFreeMb > 0 && t().machines.diskFree(formatMemory(m().diskFreeMb, lang())),
    power(),
    m().metered && t().machines.metered,
  ];
  return (
    <article class="card machine" classList={{ away: !linked() }} data-node={m().name} data-state={m().state}>
      <div class="row head">
        <Icon name={m().home ? 'home' : 'machine'} />
        <h3>{m().name}</h3>
        <Show when={m().home}>
          <span class="badge" title={t().machines.homeHint}>
            {t().machines.home}
          </span>
        </Show>
        <State state={m().state} word={t().machines.state[m().state]} />
      </div>
      <p class="facts">{facts()}</p>
      <Show when={m().labels.length > 0}>
        <p class="labels" aria-label={t().machines.labels}>
          <For each={m().labels}>{(label) => <span class="badge">{label}</span>}</For>
        </p>
      </Show>
      <Show when={linked()} fallback={<p class="facts">{seen()}</p>}>
        <div class="row load" title={seen()}>
          <span class="dim">{t().machines.load}</span>
          <Meter value={share()} label={t().machines.load} tone={share() > 0.9 ? 'warn' : 'calm'} />
          <span class="num">{formatLoad(m().load, lang())}</span>
        </div>
      </Show>
      <Show when={m().waking}>
        {(waking) => <p class="facts waking">{waking().why || t().machines.waking(waking().packets, waking().by)}</p>}
      </Show>
      <Show when={m().engines.length > 0}>
        <ul class="entries" aria-label={t().engines.title}>
          <For each={m().engines}>{(engine) => <EngineItem engine={engine} />}</For>
        </ul>
      </Show>
      <Show when={m().workers.length > 0}>
        <Workers workers={m().workers} />
      </Show>
      <Show when={m().seen.length > 0}>
        <SeenList seen={m().seen} />
      </Show>
    </article>
  );
}

export function Machines(props: { machines: MachineView[]; now: number }) {
  return (
    <section class="section-machines" aria-labelledby="machines">
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
