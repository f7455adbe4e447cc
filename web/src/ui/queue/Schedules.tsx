// What the clock submits again and again: when next, what came of it last; run now, pause, resume.
import { For, Show } from 'solid-js';
import type { ScheduleSummary } from '../../api/types.gen';
import { formatMoment, formatWhole } from '../../format';
import { lang, t } from '../../i18n';
import { State } from '../State';

export type ScheduleVerb = 'run' | 'pause' | 'resume';

function Line(props: { schedule: ScheduleSummary; onAct: (schedule: ScheduleSummary, verb: ScheduleVerb) => void }) {
  const s = () => props.schedule;
  const words = () => t().queue.schedules;
  const moment = (at: string | null) => (at ? formatMoment(Date.parse(at), lang()) : '–');
  return (
    <tr data-schedule={s().name} data-state={s().state}>
      <td class="name">{s().name}</td>
      <td class="num" title={s().zone}>
        {s().cron} <span class="dim">{s().zone}</span>
      </td>
      <td class="num">{s().state === 'active' ? moment(s().next_at) : '–'}</td>
      <td class="num">
        <Show when={s().last} fallback={words().never}>
          {(last) => (
            <span title={last().message ?? undefined}>
              {moment(last().at)} <span class="dim">{[words().outcome[last().outcome], last().made].filter(Boolean).join(' ')}</span>
            </span>
          )}
        </Show>
      </td>
      <td>{s().makes === 'task' ? words().task : words().batch(formatWhole(s().tasks, lang()))}</td>
      <td>
        <State state={s().state} word={words().state[s().state]} quiet />
        <Show when={s().problem}>
          <p class="problem">{s().problem}</p>
        </Show>
      </td>
      <td class="acts">
        <button type="button" class="plain" onClick={() => props.onAct(s(), 'run')}>
          {words().run}
        </button>
        <button type="button" class="plain" onClick={() => props.onAct(s(), s().state === 'active' ? 'pause' : 'resume')}>
          {s().state === 'active' ? words().pause : words().resume}
        </button>
      </td>
    </tr>
  );
}

export function Schedules(props: { schedules: ScheduleSummary[]; loaded: boolean; onAct: (schedule: ScheduleSummary, verb: ScheduleVerb) => void }) {
  const words = () => t().queue.schedules;
  return (
    <section aria-labelledby="schedules">
      <h2 id="schedules">{words().title}</h2>
      <Show when={props.schedules.length > 0} fallback={<p class="nothing">{props.loaded ? words().none : ''}</p>}>
        <div class="scroll">
          <table class="lines still" data-table="schedules">
            <thead>
              <tr>
                <th>{words().column.name}</th>
                <th>{words().column.when}</th>
                <th>{words().column.next}</th>
                <th>{words().column.last}</th>
                <th>{words().column.makes}</th>
                <th>{words().column.state}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              <For each={props.schedules}>{(schedule) => <Line schedule={schedule} onAct={props.onAct} />}</For>
            </tbody>
          </table>
        </div>
      </Show>
    </section>
  );
}
