// The first steps of a hub that has nothing to do yet: a model, a question, files, the next machine. Each ticks itself off.
import { createSignal, For, type JSX, Show } from 'solid-js';
import type { ProviderAdded } from '../../api/types.gen';
import type { BatchDesk } from '../../batch/desk';
import { fromChooser } from '../../batch/files';
import { lang, t } from '../../i18n';
import type { Board } from '../../live/board';
import type { Catalog } from '../../live/catalog';
import { Chooser } from '../batch/Chooser';
import { limitsText } from '../batch/NewBatch';
import { Copy } from '../Copy';
import { Icon } from '../Icon';
import { AskForm } from './AskForm';
import { InviteForm } from './InviteForm';
import { Added, ProviderForm } from './ProviderForm';
import { ProviderList } from './ProviderList';

function Step(props: { n: number; name: string; title: string; text: string; done: boolean; terminal: string; children: JSX.Element }) {
  return (
    <li class="card stage" data-step={props.name} data-done={props.done}>
      <div class="head">
        <span class="number" classList={{ done: props.done }} aria-hidden="true">
          <Show when={props.done} fallback={props.n}>
            <Icon name="ok" />
          </Show>
        </span>
        <h3>
          <span class="hidden">
            {t().start.step(props.n)}
            {props.done ? ` (${t().start.done})` : ''}:{' '}
          </span>
          {props.title}
        </h3>
        <details class="terminal">
          <summary>{t().start.terminal}</summary>
          <Copy text={props.terminal} />
        </details>
      </div>
      <p class="dim">{props.text}</p>
      {props.children}
    </li>
  );
}

/** What can answer: engines of the machines, providers. */
function Sources(props: { board: Board; catalog: Catalog }) {
  const engines = () => props.board.view.machines.flatMap((m) => m.engines.filter((e) => e.state === 'ready').map((e) => e.key));
  const providers = () => props.catalog.providers().filter((p) => p.state === 'on').map((p) => p.name);
  return (
    <div class="row wrap sources">
      <b>{t().start.model.ready(props.catalog.models().length)}</b>
      <For each={[...providers(), ...engines()]}>{(name) => <span class="badge">{name}</span>}</For>
    </div>
  );
}

export function Start(props: { board: Board; catalog: Catalog; desk: BatchDesk; onFiles: () => void; onHide: () => void; onTouch: () => void }) {
  const w = () => t().start;
  const hasModel = () => props.catalog.models().length > 0;
  const [more, setMore] = createSignal(false);
  const [added, setAdded] = createSignal<ProviderAdded | null>(null);
  const [asked, setAsked] = createSignal(false);
  const machines = () => props.board.view.machines.filter((m) => !m.home).length;
  const allDone = () => hasModel() && asked() && machines() > 0 && props.board.view.batches.length > 0;
  const quoted = (text: string) => `"${text}"`;
  return (
    <section class="start" aria-labelledby="start-title" lang={lang()} onFocusIn={props.onTouch} onPointerDown={props.onTouch}>
      <div class="row">
        <div>
          <h2 id="start-title">{w().title}</h2>
          <p class="dim">{allDone() ? w().allDone : w().text}</p>
        </div>
        <button type="button" class="push" classList={{ plain: !allDone(), main: allDone() }} data-action="hide" onClick={props.onHide}>
          {allDone() ? w().toBoard : w().hide}
        </button>
      </div>
      <ol class="stages">
        <Step n={1} name="model" title={w().model.title} text={w().model.text} done={hasModel()} terminal="flotte doctor">
          <Show when={hasModel()}>
            <Sources board={props.board} catalog={props.catalog} />
          </Show>
          <Show when={added()} keyed>
            {(provider) => <Added provider={provider} />}
          </Show>
          <Show
            when={!hasModel() || more()}
            fallback={
              <div class="row">
                <button type="button" class="plain" onClick={() => { setAdded(null); setMore(true); }}>
                  {w().model.more}
                </button>
              </div>
            }
          >
            <div class="ways">
              <div class="way">
                <h4>{w().provider.title}</h4>
                <Show when={props.catalog.allowed()} fallback={<p class="note">{w().provider.adminOnly}</p>}>
                  <ProviderForm
                    onAdded={(provider) => {
                      setAdded(provider);
                      setMore(false);
                      props.catalog.refresh();
                    }}
                  />
                  <Show when={props.catalog.providers().length > 0}>
                    <ProviderList catalog={props.catalog} />
                  </Show>
                </Show>
              </div>
              <div class="way">
                <h4>{w().engine.title}</h4>
                <ul class="hints">
                  <li>{w().engine.ollama}</li>
                  <li>
                    {w().engine.gguf}
                    <Copy text="~/.local/share/flotte/models/" />
                  </li>
                  <li>{w().engine.node}</li>
                </ul>
              </div>
            </div>
          </Show>
        </Step>
        <Step n={2} name="ask" title={w().ask.title} text={w().ask.text} done={asked()} terminal={`flotte ask ${quoted(t().empty.question)}`}>
          <AskForm catalog={props.catalog} onAnswered={() => setAsked(true)} />
        </Step>
        <Step n={3} name="files" title={w().files.title} text={w().files.text} done={props.board.view.batches.length > 0} terminal={`flotte batch run FOLDER --prompt ${quoted(t().empty.prompt)}`}>
          <Chooser
            onChosen={(files) => {
              props.desk.add(fromChooser(files));
              props.onFiles();
            }}
          />
          <p class="facts">{limitsText(props.desk.limit)}</p>
        </Step>
        <Step n={4} name="machine" title={w().machine.title} text={w().machine.text} done={machines() > 0} terminal="flotte node invite">
          <InviteForm board={props.board} />
        </Step>
      </ol>
    </section>
  );
}
