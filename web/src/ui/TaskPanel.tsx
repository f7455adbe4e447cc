// The story of one task: where it is, each attempt, what came out.
import { createEffect, createResource, createSignal, For, type JSX, on, onCleanup, Show } from 'solid-js';
import { ApiError, cancelTask, explainTask, readBlob, retryTask, showTask } from '../api/client';
import type { Attempt, TaskDetail } from '../api/types.gen';
import { formatSpan, formatTime, formatUsd, formatWhole } from '../format';
import { lang, t } from '../i18n';
import type { BoardView } from '../live/views';
import { Panel } from './Panel';
import { State } from './State';

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}

function AttemptItem(props: { attempt: Attempt }) {
  const a = () => props.attempt;
  const seconds = () => (a().started_at && a().ended_at ? (Date.parse(a().ended_at!) - Date.parse(a().started_at!)) / 1000 : null);
  return (
    <li>
      <div class="row">
        <b>{t().task.attempt(a().attempt)}</b>
        <span class="dim">
          {a().worker}@{a().node}
        </span>
        <State state={a().outcome} word={t().task.outcome[a().outcome]} quiet />
      </div>
      <p class="dim num">
        {a().started_at ? formatTime(Date.parse(a().started_at!), lang()) : ''}
        <Show when={seconds() !== null}> · {t().recent.took(formatSpan(seconds() ?? 0, lang()))}</Show>
      </p>
      <Show when={a().message}>
        <p class="problem">{a().message}</p>
      </Show>
    </li>
  );
}

function Result(props: { task: TaskDetail }) {
  const result = () => props.task.result;
  const [text] = createResource(
    () => result()?.blob,
    (blob) => readBlob(blob).catch(() => t().task.noResult),
  );
  return (
    <Show when={result()} fallback={<p class="nothing">{over(props.task.state) ? '–' : t().task.noResult}</p>}>
      {(r) => (
        <>
          <Show when={r().exit_code !== undefined}>
            <p>{t().task.exit(r().exit_code ?? 0)}</p>
          </Show>
          <Show when={r().text ?? text()}>
            <pre class="result">{r().text ?? text()}</pre>
          </Show>
        </>
      )}
    </Show>
  );
}

const over = (state: string) => state === 'succeeded' || state === 'failed' || state === 'cancelled';

function Story(props: { task: TaskDetail; onAct: (work: Promise<unknown>) => void }) {
  const task = () => props.task;
  const u = () => task().usage;
  // Of one that does not run: the scheduler's own sentence, asked again whenever the task has changed.
  const [why] = createResource(
    () => (['queued', 'waiting', 'cancelled'].includes(task().state) ? task() : undefined),
    (waiting) => explainTask(waiting.id).catch(() => undefined),
  );
  const n = (value: number) => formatWhole(value, lang());
  return (
    <>
      <div class="row">
        <State state={task().state} word={t().task.state[task().state]} />
        <Show when={task().reason}>{(reason) => <span class="dim">{t().task.reason[reason()]}</span>}</Show>
        <span class="push">
          <Show when={!over(task().state)}>
            <button type="button" class="plain" onClick={() => props.onAct(cancelTask(task().id))}>
              {t().task.cancel}
            </button>
          </Show>
          <Show when={task().state === 'failed' || task().state === 'cancelled'}>
            <button type="button" class="plain" onClick={() => props.onAct(retryTask(task().id))}>
              {t().task.retry}
            </button>
          </Show>
        </span>
      </div>
      <Show when={why()}>
        {(told) => (
          <p class="why" aria-label={t().task.why}>
            {told().text}
            <Show when={told().hint}>
              <span class="dim"> — {told().hint}</span>
            </Show>
          </p>
        )}
      </Show>
      <Show when={task().error}>
        {(error) => (
          <p class="problem">
            {error().message} <Show when={error().hint}>({error().hint})</Show>
          </p>
        )}
      </Show>
      <dl>
        <Fact name={t().task.task}>
          {task().id} · {t().task.kind[task().kind]}
        </Fact>
        <Show when={task().batch}>
          <Fact name={t().task.batch}>{task().batch}</Fact>
        </Show>
        <Show when={task().worker}>
          <Fact name={t().task.worker}>
            {task().worker}@{task().node}
          </Fact>
        </Show>
        <Show when={task().target ?? task().model}>
          {(target) => <Fact name={task().target ? t().task.target : t().task.model}>{target()}</Fact>}
        </Show>
        <Fact name={t().task.usage}>{t().task.usageText(n(u().input_tokens), n(u().cached_tokens), n(u().output_tokens))}</Fact>
        <Fact name={t().task.cost}>{formatUsd(u().cost_usd, lang()) || '–'}</Fact>
        <Show when={task().budget_usd}>{(budget) => <Fact name={t().task.budget}>{formatUsd(budget(), lang())}</Fact>}</Show>
        <Show when={task().depends_on?.length}>
          <Fact name={t().task.after}>{task().depends_on?.join(', ')}</Fact>
        </Show>
        <Show when={u().replayed_calls}>{(calls) => <Fact name={t().task.replayed}>{n(calls())}</Fact>}</Show>
        <Show when={u().maybe_bought_twice}>{(calls) => <Fact name={t().task.maybeTwice}>{n(calls())}</Fact>}</Show>
      </dl>
      <h3>{t().task.attempts}</h3>
      <Show when={task().attempts.length > 0} fallback={<p class="nothing">{t().task.noAttempts}</p>}>
        <ol class="attempts">
          <For each={task().attempts}>{(attempt) => <AttemptItem attempt={attempt} />}</For>
        </ol>
      </Show>
      <Show when={task().steps}>
        {(steps) => (
          <>
            <h3>{t().task.steps}</h3>
            <ol class="attempts">
              <For each={steps()}>
                {(step) => (
                  <li class="row">
                    <b>{step.name}</b>
                    <span class="dim">{t().task.attempt(step.attempt)}</span>
                    <span class="dim num">{formatTime(Date.parse(step.at), lang())}</span>
                  </li>
                )}
              </For>
            </ol>
          </>
        )}
      </Show>
      <h3>{t().task.result}</h3>
      <Result task={task()} />
    </>
  );
}

/** `view`: the board's, where it is open; elsewhere the task is only asked for now and then. */
export function TaskPanel(props: { id: string; view?: BoardView; onClose: () => void }) {
  const [task, { refetch }] = createResource(() => props.id, showTask);
  const [problem, setProblem] = createSignal('');

  // Read again when the feed says that something about it changed.
  const news = () => {
    const slot = props.view?.slots.find((s) => s.task === props.id);
    const recent = props.view?.recent.find((r) => r.key === props.id);
    return `${slot?.phase} ${slot?.step} ${recent?.state}`;
  };
  createEffect(on(news, () => void refetch(), { defer: true }));
  const slowly = setInterval(() => !task.error && task.latest && !over(task.latest.state) && refetch(), 3000);
  onCleanup(() => clearInterval(slowly));

  const act = async (work: Promise<unknown>) => {
    setProblem('');
    await work.catch((e: unknown) => setProblem(e instanceof Error ? e.message : String(e)));
    void refetch();
  };
  const text = (error: unknown) => (error instanceof ApiError ? [error.message, error.hint].filter(Boolean).join(' ') : String(error));
  return (
    <Panel name="task" title={task.error ? props.id : (task.latest?.title ?? props.id)} onClose={props.onClose}>
      <Show when={problem()}>
        <p class="problem">{problem()}</p>
      </Show>
      <Show when={!task.error} fallback={<p class="problem">{`${t().task.gone} ${text(task.error)}`}</p>}>
        <Show when={task.latest} fallback={<p class="nothing">{t().task.loading}</p>}>
          {(detail) => <Story task={detail()} onAct={act} />}
        </Show>
      </Show>
    </Panel>
  );
}
