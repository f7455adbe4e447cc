// One batch: how far it is, what came of each file, and everything as one file to take away.
import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import { cancelBatch, listBatchItems, readBlob, retryBatch, showBatch } from '../../api/client';
import type { Batch, BatchItem } from '../../api/types.gen';
import { collect, ItemFollower, textOf } from '../../batch/follow';
import { save, toJsonLines, toZip } from '../../batch/results';
import { formatWhole } from '../../format';
import { lang, t } from '../../i18n';
import { arrangeBatches } from '../../live/batches';
import type { Board } from '../../live/board';
import { BatchCard } from '../Batches';
import { Icon } from '../Icon';
import { Panel } from '../Panel';
import { Problem } from '../Problem';
import { State } from '../State';

const ports = { list: listBatchItems, blob: readBlob };

function Item(props: { item: BatchItem }) {
  const task = () => props.item.task;
  const [text, setText] = createSignal<string | null>(null);
  const [problem, setProblem] = createSignal<unknown>(null);
  const [open, setOpen] = createSignal(false);
  createEffect(() => {
    if (open() && task().state === 'succeeded') textOf(props.item, ports).then(setText, setProblem);
  });
  const name = () => props.item.name ?? task().title;
  const facts = () => [task().target, task().usage.output_tokens > 0 && t().work.tokens(formatWhole(task().usage.output_tokens, lang()))].filter(Boolean).join(' · ');
  return (
    <li data-item={name()} data-state={task().state}>
      <details onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary>
          <State state={task().state} word={task().state === 'succeeded' ? '' : t().task.state[task().state]} quiet />
          <span class="path" title={name()}>
            <Show when={task().state === 'succeeded'}>
              <span class="hidden">{t().task.state.succeeded}: </span>
            </Show>
            {name()}
          </span>
          <span class="facts num">{facts()}</span>
        </summary>
        <Problem error={problem()} />
        <Show when={task().error}>
          {(error) => <p class="problem">{[error().message, error().hint].filter(Boolean).join(' · ')}</p>}
        </Show>
        <Show when={text() !== null} fallback={<Show when={!task().error}>{<p class="nothing">{task().state === 'succeeded' ? t().task.loading : t().task.noResult}</p>}</Show>}>
          <pre class="result">{text()}</pre>
        </Show>
      </details>
    </li>
  );
}

export function BatchStory(props: { id: string; board: Board }) {
  const w = () => t().start.batch;
  const view = props.board.view;
  const [fetched, setFetched] = createSignal<Batch | null>(null);
  const [items, setItems] = createStore<{ list: BatchItem[] }>({ list: [] });
  const [problem, setProblem] = createSignal<unknown>(null);
  const [collecting, setCollecting] = createSignal(false);
  const follower = new ItemFollower(ports, props.id);
  const row = createMemo(() => {
    const live = view.batches.find((b) => b.key === props.id);
    const batch = fetched();
    return live ?? (batch ? arrangeBatches([batch], new Map(), Date.now(), props.board.now())[0] : undefined);
  });
  const over = () => row()?.state === 'done' || row()?.state === 'cancelled';

  // One reading at a time; what changes meanwhile is read afterwards.
  let reading = false;
  let again = false;
  let begun = false;
  const read = async () => {
    again = true;
    if (reading) return;
    reading = true;
    try {
      while (again) {
        again = false;
        setFetched(await showBatch(props.id));
        await (begun ? follower.more() : follower.begin());
        begun = true;
        setItems('list', reconcile(follower.view(), { key: 'index' }));
        setProblem(null);
      }
    } catch (error) {
      setProblem(error);
    }
    reading = false;
  };
  const news = () => {
    const r = row();
    return r ? `${r.succeeded} ${r.failed} ${r.cancelled} ${r.state}` : '';
  };
  createEffect(on(news, () => void read()));
  const slowly = setInterval(() => !over() && void read(), 3000);
  onCleanup(() => clearInterval(slowly));

  const download = async (kind: 'zip' | 'jsonl') => {
    setCollecting(true);
    try {
      const results = await collect(props.id, ports);
      save(`flotte-${props.id}.${kind}`, kind === 'zip' ? toZip(results) : new Blob([toJsonLines(results)], { type: 'application/jsonl' }));
    } catch (error) {
      setProblem(error);
    }
    setCollecting(false);
  };
  const act = (work: Promise<unknown>) => work.then(() => read(), setProblem);
  return (
    <div class="batch-story">
      <Show when={row()}>{(r) => <BatchCard batch={r()} />}</Show>
      <Problem error={problem()} />
      <div class="row wrap">
        <button type="button" class="main" disabled={collecting() || (row()?.succeeded ?? 0) === 0} onClick={() => void download('zip')}>
          <Icon name="save" />
          {collecting() ? w().preparing : w().zip}
        </button>
        <button type="button" class="plain" disabled={collecting() || items.list.length === 0} onClick={() => void download('jsonl')}>
          {w().lines}
        </button>
        <span class="push" />
        <Show when={row() && !over()}>
          <button type="button" class="plain" onClick={() => void act(cancelBatch(props.id))}>
            {w().cancel}
          </button>
        </Show>
        <Show when={over() && (row()?.failed ?? 0) + (row()?.cancelled ?? 0) > 0}>
          <button type="button" class="plain" onClick={() => void act(retryBatch(props.id))}>
            {w().retry}
          </button>
        </Show>
      </div>
      <h3>{w().results}</h3>
      <Show when={items.list.length > 0} fallback={<p class="nothing">{w().noResults}</p>}>
        <ul class="items">
          <For each={items.list}>{(item) => <Item item={item} />}</For>
        </ul>
      </Show>
      <Show when={(row()?.total ?? 0) > items.list.length && items.list.length > 0}>
        <p class="facts">{w().more(formatWhole((row()?.total ?? 0) - items.list.length, lang()))}</p>
      </Show>
    </div>
  );
}

export function BatchPanel(props: { id: string; board: Board; onClose: () => void }) {
  const title = () => props.board.view.batches.find((b) => b.key === props.id)?.title ?? props.id;
  return (
    <Panel name="batch" title={title()} wide onClose={props.onClose}>
      <BatchStory id={props.id} board={props.board} />
    </Panel>
  );
}
