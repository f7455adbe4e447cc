// What waits and why: tasks, schedules, flows with their pauses.
import { createSignal, onCleanup, onMount, Show } from 'solid-js';
import { ApiError, actOnFlow, actOnSchedule, listFlows, listSchedules, listWaiting } from '../../api/client';
import type { Flow, ScheduleSummary, Task } from '../../api/types.gen';
import { t } from '../../i18n';
import { keepSame } from '../../queue/needs';
import { Page } from '../sight/Page';
import { TaskPanel } from '../TaskPanel';
import { Flows } from './Flows';
import { Schedules, type ScheduleVerb } from './Schedules';
import { WaitingTasks } from './WaitingTasks';

const everyMs = 2_000;
const pageSize = 50;
const flowsShown = 200;

export function QueuePage(props: { onDenied: () => void }) {
  const [tasks, setTasks] = createSignal<Task[]>([]);
  const [shown, setShown] = createSignal(pageSize);
  const [more, setMore] = createSignal(false);
  const [schedules, setSchedules] = createSignal<ScheduleSummary[]>([]);
  const [flows, setFlows] = createSignal<Flow[]>([]);
  const [loaded, setLoaded] = createSignal(false);
  const [problem, setProblem] = createSignal('');
  const [told, setTold] = createSignal('');
  const [open, setOpen] = createSignal<string | null>(null);
  const [now, setNow] = createSignal(Date.now());
  const words = () => t().queue;
  let asked = 0;

  const failed = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) return props.onDenied();
    setProblem(error instanceof ApiError && error.message ? `${error.message} ${error.hint}` : t().start.noAnswer);
  };
  const refresh = async () => {
    const turn = ++asked;
    try {
      const [waiting, timed, lines] = await Promise.all([listWaiting({ limit: shown() }), listSchedules(), listFlows(flowsShown)]);
      if (turn !== asked) return; // a newer question is under way
      setTasks(keepSame(tasks(), waiting.items));
      setMore(waiting.next !== null && shown() < 1000); // as many as the hub gives at once
      setSchedules(keepSame(schedules(), timed.items));
      setFlows(keepSame(flows(), lines.items.filter((flow) => flow.state !== 'idle')));
      setNow(Date.now());
      setProblem('');
      setLoaded(true);
    } catch (error) {
      failed(error);
    }
  };
  const act = async (work: Promise<unknown>, said = '') => {
    setTold('');
    try {
      await work;
      setTold(said);
      await refresh();
    } catch (error) {
      failed(error);
    }
  };
  const onSchedule = (schedule: ScheduleSummary, verb: ScheduleVerb) =>
    void act(actOnSchedule(schedule.id, verb), verb === 'run' ? words().schedules.ran(schedule.name) : '');
  const onFlow = (flow: Flow, verb: 'pause' | 'resume') => void act(actOnFlow(flow.id, verb));
  onMount(refresh);
  const timer = setInterval(() => document.visibilityState === 'visible' && problem() === '' && void refresh(), everyMs);
  onCleanup(() => clearInterval(timer));

  return (
    <Page title={words().title} about={words().about} onSignOut={props.onDenied}>
      <Show when={problem()}>
        <p class="problem row" role="alert">
          {problem()}
          <button type="button" class="plain" onClick={() => void refresh()}>
            {t().login.again}
          </button>
        </p>
      </Show>
      <Show when={told()}>
        <p class="success" role="status">
          {told()}
        </p>
      </Show>
      <WaitingTasks
        tasks={tasks()}
        loaded={loaded()}
        now={now()}
        more={more()}
        onMore={() => {
          setShown(Math.min(1000, shown() + 4 * pageSize));
          void refresh();
        }}
        onOpen={setOpen}
      />
      <Schedules schedules={schedules()} loaded={loaded()} onAct={onSchedule} />
      <Flows flows={flows()} loaded={loaded()} onAct={onFlow} />
      <Show when={open()} keyed>
        {(id) => (
          <TaskPanel
            id={id}
            onClose={() => {
              setOpen(null);
              void refresh();
            }}
          />
        )}
      </Show>
    </Page>
  );
}
