// Tasks that have not started: a line each, the newest first. A click tells why.
import { For, Show } from 'solid-js';
import type { Task } from '../../api/types.gen';
import { formatSpan } from '../../format';
import { lang, t } from '../../i18n';
import { State } from '../State';

function Line(props: { task: Task; now: number; onOpen: (id: string) => void }) {
  const task = () => props.task;
  const since = () => (task().created_at ? t().queue.tasks.ago(formatSpan((props.now - Date.parse(task().created_at!)) / 1000, lang())) : '–');
  return (
    <tr onClick={() => props.onOpen(task().id)} data-task={task().id}>
      <td class="name long">
        <button type="button" class="bare" aria-label={t().queue.tasks.open(task().title)} title={task().title}>
          {task().title}
        </button>{' '}
        <span class="dim num">{task().id}</span>
      </td>
      <td>{t().task.kind[task().kind]}</td>
      <td>
        <span class="row">
          <State state={task().state} word={t().task.state[task().state]} quiet />
          <Show when={task().reason}>{(reason) => <span class="dim">{t().task.reason[reason()]}</span>}</Show>
        </span>
      </td>
      <td class="num">{since()}</td>
      <td class="num right">{task().priority}</td>
      <td>{task().batch ?? '–'}</td>
      <td class="name">{task().project ?? '–'}</td>
    </tr>
  );
}

export function WaitingTasks(props: { tasks: Task[]; loaded: boolean; now: number; more: boolean; onMore: () => void; onOpen: (id: string) => void }) {
  const words = () => t().queue.tasks;
  return (
    <section aria-labelledby="waiting-tasks">
      <h2 id="waiting-tasks">{words().title}</h2>
      <Show when={props.tasks.length > 0} fallback={<p class="nothing">{props.loaded ? words().none : ''}</p>}>
        <div class="scroll">
          <table class="lines" data-table="tasks">
            <thead>
              <tr>
                <th>{words().column.task}</th>
                <th>{words().column.kind}</th>
                <th>{words().column.state}</th>
                <th>{words().column.since}</th>
                <th class="right">{words().column.priority}</th>
                <th>{words().column.batch}</th>
                <th>{words().column.project}</th>
              </tr>
            </thead>
            <tbody>
              <For each={props.tasks}>{(task) => <Line task={task} now={props.now} onOpen={props.onOpen} />}</For>
            </tbody>
          </table>
        </div>
        <Show when={props.more}>
          <button type="button" class="plain" onClick={props.onMore}>
            {words().more}
          </button>
        </Show>
      </Show>
    </section>
  );
}
