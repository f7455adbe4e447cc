// A first question to a model, and its answer as it comes.
import { createSignal, createUniqueId, onCleanup, Show } from 'solid-js';
import { type Answered, ask } from '../../api/chat';
import { formatRate, formatWhole } from '../../format';
import { lang, t } from '../../i18n';
import type { Catalog } from '../../live/catalog';
import { ModelChoice } from '../ModelChoice';
import { Problem } from '../Problem';

export function AskForm(props: { catalog: Catalog; onAnswered?: () => void }) {
  const w = () => t().start.ask;
  const id = createUniqueId();
  const [model, setModel] = createSignal('');
  const [prompt, setPrompt] = createSignal<string | null>(null); // null: the example, in whatever language the page is
  const [text, setText] = createSignal('');
  const [seconds, setSeconds] = createSignal(0);
  const [state, setState] = createSignal<'idle' | 'busy' | 'done' | 'stopped'>('idle');
  const [answered, setAnswered] = createSignal<Answered | null>(null);
  const [problem, setProblem] = createSignal<unknown>(null);
  let abort: AbortController | undefined;
  onCleanup(() => abort?.abort());
  const words = () => prompt() ?? t().empty.question;
  const missing = () => props.catalog.models().length === 0;

  const submit = async (event?: Event) => {
    event?.preventDefault();
    if (state() === 'busy' || missing() || !words().trim()) return;
    const began = performance.now();
    const watch = () => setSeconds((performance.now() - began) / 1000);
    const ticking = setInterval(watch, 100);
    abort = new AbortController();
    setText('');
    setAnswered(null);
    setProblem(null);
    setState('busy');
    let all = '';
    let frame = 0;
    const show = () => {
      frame = 0;
      setText(all);
    };
    try {
      const chosen = model() || (props.catalog.models()[0]?.id ?? '');
      const done = await ask({ model: chosen, prompt: words() }, abort.signal, (piece) => {
        all += piece;
        frame ||= requestAnimationFrame(show); // at most once a frame, however fast the model is
      });
      setAnswered(done);
      setState('done');
      if (all) props.onAnswered?.();
    } catch (error) {
      if (!abort.signal.aborted) setProblem(error);
      setState(abort.signal.aborted ? 'stopped' : 'idle');
    } finally {
      clearInterval(ticking);
      watch();
      setText(all);
    }
  };
  const tokens = () => answered()?.outputTokens ?? null;
  const story = () =>
    [
      tokens() !== null && t().work.tokens(formatWhole(tokens() ?? 0, lang())),
      state() !== 'idle' && w().seconds(formatRate(seconds(), lang())),
      tokens() !== null && seconds() > 0.2 && t().work.rate(formatRate((tokens() ?? 0) / seconds(), lang())),
      state() === 'stopped' && w().stopped,
    ]
      .filter(Boolean)
      .join(' · ');

  return (
    <form class="form ask" onSubmit={submit}>
      <div class="field">
        <label for={id}>{w().label}</label>
        <textarea
          id={id}
          name="prompt"
          rows="2"
          required
          value={words()}
          onInput={(e) => setPrompt(e.currentTarget.value)}
          onKeyDown={(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && void submit(e)}
        />
      </div>
      <div class="row bottom">
        <ModelChoice catalog={props.catalog} label={w().model} value={model()} onChoose={setModel} />
        <Show
          when={state() === 'busy'}
          fallback={
            <button type="submit" class="main" disabled={missing()}>
              {w().submit}
            </button>
          }
        >
          <button type="button" class="main calm" onClick={() => abort?.abort()}>
            {w().stop}
          </button>
        </Show>
      </div>
      <Problem error={problem()} />
      <div class="answer" classList={{ waiting: text() === '' }} data-state={state()} role="region" aria-label={w().answer} aria-busy={state() === 'busy'} tabindex="0">
        <Show when={text()} fallback={<p class="dim">{state() === 'busy' ? w().thinking : state() === 'done' ? w().nothing : missing() ? t().start.needsModel : w().here}</p>}>
          <p>{text()}</p>
        </Show>
      </div>
      <p class="facts by num" role="status">
        <Show when={answered()}>
          {(a) => (
            <span class="target">
              {w().by} <b>{a().target}</b>
            </span>
          )}
        </Show>
        <span class="push">{story()}</span>
      </p>
    </form>
  );
}
