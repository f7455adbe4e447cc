// The lines in which tasks wait: whose they are, what they need, what holds them; pause, resume.
import { For, Show } from 'solid-js';
import type { Flow } from '../../api/types.gen';
import { formatTime, formatWhole } from '../../format';
import { lang, t } from '../../i18n';
import { letGo, needsOf } from '../../queue/needs';
import { State } from '../State';

function Line(props: { flow: Flow; onAct: (flow: Flow, verb: 'pause' | 'resume') => void }) {
  const f = () => props.flow;
  const words = () => t().queue.flows;
  const n = (value: number) => formatWhole(value, lang());
  const held = () => f().paused_by.map((who) => words().by[who]);
  const out = () => {
    const why = f().out_why;
    if (!why) return [];
    return [words().why[why], f().out_until ? words().until(formatTime(Date.parse(f().out_until!), lang())) : ''];
  };
  const seats = () => {
    const key = f().concurrency;
    return key ? [words().seats(key.key, n(key.used), n(key.limit))] : [];
  };
  return (
    <tr data-flow={f().id} data-state={f().state}>
      <td class="num">{f().id}</td>
      <td class="name">{[f().owner, f().project, f().batch].filter(Boolean).join(' · ')}</td>
      <td class="name long">
        {t().task.kind[f().kind]} <span class="dim">{needsOf(f()).join(' · ') || words().anybody}</span>
      </td>
      <td class="num right">{n(f().ready)}</td>
      <td class="num right">{n(f().running)}</td>
      <td>
        <span class="row">
          <State state={f().state} word={words().state[f().state]} quiet />
          <span class="dim">{[...held(), ...out(), ...seats()].filter(Boolean).join(', ')}</span>
        </span>
      </td>
      <td class="acts">
        <button type="button" class="plain" onClick={() => props.onAct(f(), letGo(f()) ? 'resume' : 'pause')}>
          {letGo(f()) ? words().resume : words().pause}
        </button>
      </td>
    </tr>
  );
}

export function Flows(props: { flows: Flow[]; loaded: boolean; onAct: (flow: Flow, verb: 'pause' | 'resume') => void }) {
  const words = () => t().queue.flows;
  return (
    <section aria-labelledby="flows">
      <h2 id="flows">{words().title}</h2>
      <p class="dim">{words().about}</p>
      <Show when={props.flows.length > 0} fallback={<p class="nothing">{props.loaded ? words().none : ''}</p>}>
        <div class="scroll">
          <table class="lines still" data-table="flows">
            <thead>
              <tr>
                <th>{words().column.id}</th>
                <th>{words().column.owner}</th>
                <th>{words().column.needs}</th>
                <th class="right">{words().column.ready}</th>
                <th class="right">{words().column.running}</th>
                <th>{words().column.state}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              <For each={props.flows}>{(flow) => <Line flow={flow} onAct={props.onAct} />}</For>
            </tbody>
          </table>
        </div>
      </Show>
    </section>
  );
}
