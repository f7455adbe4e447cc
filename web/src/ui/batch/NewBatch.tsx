// Files become a batch: what was chosen, what is to be done with each, the upload, and then the batch itself.
import { createSignal, createUniqueId, For, Show } from 'solid-js';
import type { BatchDesk } from '../../batch/desk';
import { type Chosen, filesLimit, fromChooser, problemOf, titleOf } from '../../batch/files';
import { formatPercent, formatSize, formatUsd, formatWhole } from '../../format';
import { lang, t } from '../../i18n';
import type { Board } from '../../live/board';
import type { Catalog } from '../../live/catalog';
import { Icon } from '../Icon';
import { Meter } from '../Meter';
import { ModelChoice } from '../ModelChoice';
import { Panel } from '../Panel';
import { Problem } from '../Problem';
import { BatchStory } from './BatchStory';
import { Chooser } from './Chooser';

export const countFiles = (n: number) => (n === 1 ? t().start.batch.one : t().start.batch.count(formatWhole(n, lang())));
export const limitsText = (limit: number) => t().start.files.limits(formatSize(limit, lang()), formatWhole(filesLimit, lang()));

function FileItem(props: { chosen: Chosen; desk: BatchDesk }) {
  const w = () => t().start.batch;
  const progress = () => props.desk.progress[props.chosen.path];
  const wrong = () => problemOf(props.chosen.file);
  const note = () => {
    const p = progress();
    if (wrong()) return wrong() === 'empty' ? w().empty : w().tooLarge(formatSize(props.desk.limit, lang()));
    if (!p) return '';
    return p.state === 'failed' ? p.problem || w().state.failed : p.state === 'sending' && p.sent > 0 ? formatPercent(p.sent / props.chosen.file.size, lang()) : w().state[p.state];
  };
  return (
    <li classList={{ wrong: wrong() !== null || progress()?.state === 'failed' }}>
      <Icon name="files" />
      <span class="path" title={props.chosen.path}>
        {props.chosen.path}
      </span>
      <span class="note">{note()}</span>
      <span class="num dim">{formatSize(props.chosen.file.size, lang())}</span>
      <Show when={props.desk.phase() === 'draft'}>
        <button type="button" class="bare" aria-label={w().remove(props.chosen.path)} onClick={() => props.desk.remove(props.chosen.path)}>
          <Icon name="bad" />
        </button>
      </Show>
    </li>
  );
}

/** What the chosen model costs, as far as that is known. */
function priceOf(catalog: Catalog, id: string): string {
  const model = id ? catalog.models().find((m) => m.id === id) : catalog.models()[0];
  if (model?.local) return t().start.batch.free;
  return model?.price ? t().start.batch.price(formatUsd(model.price.input, lang()), formatUsd(model.price.output, lang())) : '';
}

function Draft(props: { desk: BatchDesk; catalog: Catalog }) {
  const w = () => t().start.batch;
  const id = createUniqueId();
  const [prompt, setPrompt] = createSignal<string | null>(null);
  const [model, setModel] = createSignal('');
  const [maxCost, setMaxCost] = createSignal('');
  const words = () => prompt() ?? t().empty.prompt;
  const total = () => props.desk.good().reduce((sum, f) => sum + f.file.size, 0);
  const uploading = () => props.desk.phase() === 'uploading';
  const ready = () => !uploading() && props.desk.good().length > 0 && props.catalog.models().length > 0 && words().trim() !== '';
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (ready()) void props.desk.submit({ prompt: words(), model: model(), title: titleOf(props.desk.good(), words(), countFiles), maxCost: maxCost().trim() });
  };
  return (
    <form class="form batch-form" onSubmit={submit}>
      <Chooser disabled={uploading()} onChosen={(files) => props.desk.add(fromChooser(files))} />
      <p class="facts">{limitsText(props.desk.limit)}</p>
      <Show when={props.desk.files().length > 0}>
        <div class="row">
          <b class="num">{countFiles(props.desk.files().length)}</b>
          <span class="dim num">{formatSize(total(), lang())}</span>
          <Show when={!uploading()}>
            <button type="button" class="plain push" onClick={props.desk.reset}>
              {w().clear}
            </button>
          </Show>
        </div>
        <ul class="files">
          <For each={props.desk.files()}>{(chosen) => <FileItem chosen={chosen} desk={props.desk} />}</For>
        </ul>
      </Show>
      <div class="field">
        <label for={id}>{w().prompt}</label>
        <textarea id={id} name="prompt" rows="3" required disabled={uploading()} value={words()} onInput={(e) => setPrompt(e.currentTarget.value)} />
      </div>
      <Problem error={props.desk.problem()} />
      <Show
        when={uploading()}
        fallback={
          <>
            <div class="row cost">
              <ModelChoice catalog={props.catalog} label={w().model} value={model()} onChoose={setModel} />
              <div class="field">
                <label for={`${id}c`}>{w().maxCost}</label>
                <input id={`${id}c`} name="max_cost" type="number" min="0.01" step="any" inputmode="decimal" placeholder={w().noLimit} value={maxCost()} onInput={(e) => setMaxCost(e.currentTarget.value)} />
              </div>
            </div>
            <div class="row bottom">
              <p class="facts num">{priceOf(props.catalog, model())}</p>
              <button type="submit" class="main" disabled={!ready()}>
                {w().submit(countFiles(props.desk.good().length))}
              </button>
            </div>
          </>
        }
      >
        <div class="row" role="status">
          <span>{w().uploading}</span>
          <Meter value={props.desk.uploaded()} label={w().uploading} tone="hue" />
          <span class="num">{formatPercent(props.desk.uploaded(), lang())}</span>
        </div>
        <p class="facts">{w().keepOpen}</p>
      </Show>
      <Show when={props.catalog.models().length === 0}>
        <p class="note">{t().start.needsModel}</p>
      </Show>
      <Show when={!globalThis.crypto?.subtle}>
        <p class="facts">{w().plainHttp}</p>
      </Show>
    </form>
  );
}

export function NewBatch(props: { board: Board; catalog: Catalog; desk: BatchDesk; onClose: () => void }) {
  const w = () => t().start.batch;
  const handedIn = () => (props.desk.phase() === 'handed_in' ? props.desk.batch() : null);
  return (
    <Panel name="new-batch" title={w().title} wide onClose={props.onClose}>
      <Show when={handedIn()} keyed fallback={<Draft desk={props.desk} catalog={props.catalog} />}>
        {(id) => (
          <>
            <Show when={props.desk.failed().length > 0}>
              <details class="problem">
                <summary>{w().failed(countFiles(props.desk.failed().length))}</summary>
                <ul>
                  <For each={props.desk.failed()}>{([path, p]) => <li>{`${path}: ${p.problem}`}</li>}</For>
                </ul>
              </details>
            </Show>
            <BatchStory id={id} board={props.board} />
            <div class="row">
              <button type="button" class="plain" onClick={props.desk.reset}>
                {w().sample}
              </button>
            </div>
          </>
        )}
      </Show>
    </Panel>
  );
}
