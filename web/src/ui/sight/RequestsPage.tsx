// The flight recorder: the last model calls, and one of them opened.
import { createSignal, For, onCleanup, onMount, Show } from 'solid-js';
import { ApiError, listRequests } from '../../api/client';
import type { RequestLine } from '../../api/types.gen';
import { formatTime, formatUsd, formatWhole } from '../../format';
import { lang, t } from '../../i18n';
import { keepSame } from '../../queue/needs';
import { Page } from './Page';
import { RequestPanel } from './RequestPanel';
import { formatMs, StatusMark } from './words';

const everyMs = 2_000;
const pageSize = 50;
const states = ['', 'live', 'ok', 'error', '429', '5xx'] as const;

function Line(props: { line: RequestLine; onOpen: (id: string) => void }) {
  const r = () => props.line;
  const count = (n: number | null) => (n === null ? '–' : formatWhole(n, lang()));
  return (
    <tr onClick={() => props.onOpen(r().id)}>
      <td class="num">
        <button type="button" class="bare" aria-label={t().sight.requests.open(r().id)}>
          {formatTime(Date.parse(r().at), lang())}
        </button>
      </td>
      <td>
        <StatusMark line={r()} />
      </td>
      <td>{r().key_name ?? '–'}</td>
      <td class="name">{r().model ?? '–'}</td>
      <td class="name">
        {r().target ?? '–'}
        <Show when={r().attempts > 1}>
          <span class="badge warn" title={t().sight.requests.tries(r().attempts)}>
            ×{r().attempts}
          </span>
        </Show>
      </td>
      <td class="num right">{formatMs(r().first_ms, lang())}</td>
      <td class="num right">{formatMs(r().total_ms, lang())}</td>
      <td class="num right">
        {count(r().usage.input_tokens)} / {count(r().usage.output_tokens)}
      </td>
      <td class="num right">{formatUsd(r().usage.cost_usd, lang()) || '–'}</td>
    </tr>
  );
}

export function RequestsPage(props: { onDenied: () => void }) {
  const [lines, setLines] = createSignal<RequestLine[]>([]);
  const [next, setNext] = createSignal<string | null>(null);
  const [older, setOlder] = createSignal<RequestLine[]>([]);
  const [loaded, setLoaded] = createSignal(false);
  const [problem, setProblem] = createSignal('');
  const [paused, setPaused] = createSignal(false);
  const [open, setOpen] = createSignal<string | null>(null);
  const [filter, setFilter] = createSignal({ model: '', key: '', status: '' });
  const words = () => t().sight.requests;
  let asked = 0;

  const failed = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) return props.onDenied();
    if (error instanceof ApiError && error.status === 403) setProblem(words().off);
    else setProblem(error instanceof ApiError && error.message ? `${error.message} ${error.hint}` : t().start.noAnswer);
  };
  const refresh = async () => {
    const turn = ++asked;
    try {
      const page = await listRequests({ ...filter(), limit: pageSize });
      if (turn !== asked) return; // a newer question is under way
      setLines(keepSame(lines(), page.items));
      if (older().length === 0) setNext(page.next);
      setProblem('');
      setLoaded(true);
    } catch (error) {
      failed(error);
    }
  };
  const more = async () => {
    try {
      const page = await listRequests({ ...filter(), limit: pageSize, cursor: next() ?? '' });
      setOlder([...older(), ...page.items]);
      setNext(page.next);
    } catch (error) {
      failed(error);
    }
  };
  const choose = (change: Partial<ReturnType<typeof filter>>) => {
    setFilter({ ...filter(), ...change });
    setOlder([]);
    void refresh();
  };
  // What was loaded as older stays; what is in both is shown once.
  const all = () => {
    const seen = new Set(lines().map((line) => line.id));
    return [...lines(), ...older().filter((line) => !seen.has(line.id))];
  };
  const filtered = () => Object.values(filter()).some((text) => text !== '');
  const tick = () => {
    if (!paused() && document.visibilityState === 'visible') void refresh();
  };
  onMount(refresh);
  const timer = setInterval(tick, everyMs);
  onCleanup(() => clearInterval(timer));

  return (
    <Page title={words().title} about={words().about} onSignOut={props.onDenied}>
      <div class="filters" role="search" aria-label={words().filters}>
        <label>
          {words().model}
          <input type="search" name="model" spellcheck={false} onChange={(e) => choose({ model: e.currentTarget.value.trim() })} />
        </label>
        <label>
          {words().key}
          <input type="search" name="key" spellcheck={false} onChange={(e) => choose({ key: e.currentTarget.value.trim() })} />
        </label>
        <label>
          {words().status}
          <select name="status" onChange={(e) => choose({ status: e.currentTarget.value })}>
            <For each={states}>{(s) => <option value={s}>{s === '' ? words().every : s === 'ok' || s === 'error' || s === 'live' ? words()[s] : s}</option>}</For>
          </select>
        </label>
        <button type="button" class="plain push" aria-pressed={paused()} onClick={() => setPaused(!paused())}>
          {paused() ? words().goOn : words().pause}
        </button>
      </div>
      <Show when={problem()}>
        <p class="problem" role="alert">
          {problem()}
        </p>
      </Show>
      <Show when={all().length > 0} fallback={<p class="nothing">{loaded() ? (filtered() ? words().noneFits : words().none) : ''}</p>}>
        <div class="scroll">
          <table class="lines">
            <thead>
              <tr>
                <th>{words().column.at}</th>
                <th>{words().column.status}</th>
                <th>{words().column.key}</th>
                <th>{words().column.model}</th>
                <th>{words().column.target}</th>
                <th class="right">{words().column.first}</th>
                <th class="right">{words().column.total}</th>
                <th class="right">{words().column.tokens}</th>
                <th class="right">{words().column.cost}</th>
              </tr>
            </thead>
            <tbody>
              <For each={all()}>{(line) => <Line line={line} onOpen={setOpen} />}</For>
            </tbody>
          </table>
        </div>
        <Show when={next()}>
          <button type="button" class="plain" onClick={more}>
            {words().more}
          </button>
        </Show>
      </Show>
      <Show when={open()} keyed>
        {(id) => <RequestPanel id={id} onOpen={setOpen} onClose={() => setOpen(null)} />}
      </Show>
    </Page>
  );
}
