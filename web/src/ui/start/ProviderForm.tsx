// Adds a provider: the hub tests the key before it keeps it, and what it says stands here.
import { createSignal, createUniqueId, For, onMount, Show } from 'solid-js';
import { addProvider } from '../../api/client';
import type { ProviderAdded, ProviderSpec } from '../../api/types.gen';
import { t } from '../../i18n';
import { Icon } from '../Icon';
import { Problem } from '../Problem';

interface Choice {
  vendor: ProviderSpec['vendor'];
  title: string;
  keys: string; // where a key is to be had
}

const choices: Choice[] = [
  { vendor: 'openai', title: 'OpenAI', keys: 'https://platform.openai.com/api-keys' },
  { vendor: 'anthropic', title: 'Anthropic', keys: 'https://console.anthropic.com/settings/keys' },
  { vendor: 'gemini', title: 'Gemini', keys: 'https://aistudio.google.com/apikey' },
  { vendor: 'mistral', title: 'Mistral', keys: 'https://console.mistral.ai/api-keys' },
];

export function ProviderForm(props: { onAdded: (provider: ProviderAdded) => void }) {
  const w = () => t().start.provider;
  const id = createUniqueId();
  const [chosen, setChosen] = createSignal<Choice | null>(choices[0]!); // null: any that is compatible
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<unknown>(null);
  let url: HTMLInputElement | undefined;
  let key: HTMLInputElement | undefined;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy()) return;
    setBusy(true);
    setProblem(null);
    const secret = key!.value.trim();
    const choice = chosen();
    try {
      const provider = await addProvider(choice ? { vendor: choice.vendor, api_key: secret } : { base_url: url!.value.trim(), api_key: secret });
      key!.value = '';
      props.onAdded(provider);
    } catch (error) {
      setProblem(error);
      queueMicrotask(() => key?.focus());
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="form provider" onSubmit={submit} aria-busy={busy()}>
      <fieldset>
        <legend>{w().vendor}</legend>
        <div class="choices">
          <For each={[...choices, null]}>
            {(choice) => (
              <label>
                <input type="radio" name={`vendor${id}`} value={choice?.vendor ?? 'compatible'} checked={chosen() === choice} onChange={() => setChosen(choice)} />
                <span>{choice?.title ?? w().compatible}</span>
              </label>
            )}
          </For>
        </div>
      </fieldset>
      <Show when={chosen() === null}>
        <div class="field">
          <label for={`${id}u`}>{w().url}</label>
          <input ref={url} id={`${id}u`} name="base_url" type="url" inputmode="url" spellcheck={false} autocomplete="off" required placeholder="http://192.168.1.20:1234/v1" aria-describedby={`${id}h`} />
          <small id={`${id}h`}>{w().urlHint}</small>
        </div>
      </Show>
      <div class="field">
        <label for={id}>{w().key}</label>
        <div class="row">
          <input ref={key} id={id} name="api_key" type="password" autocomplete="new-password" spellcheck={false} required aria-invalid={problem() !== null} aria-describedby={`${id}k`} />
          <button type="submit" class="main" disabled={busy()}>
            {busy() ? w().testing : w().submit}
          </button>
        </div>
        <small id={`${id}k`}>
          {w().kept}{' '}
          <Show when={chosen()}>
            {(choice) => (
              <a href={choice().keys} target="_blank" rel="noopener noreferrer">
                {w().keyWhere(choice().title)}
              </a>
            )}
          </Show>
        </small>
      </div>
      <Problem error={problem()} />
    </form>
  );
}

/** That it works. Takes the focus, because the form it stands for may be gone. */
export function Added(props: { provider: ProviderAdded }) {
  const w = () => t().start.provider;
  const p = () => props.provider;
  let note: HTMLDivElement | undefined;
  onMount(() => note?.focus());
  return (
    <div class="success" role="status" tabindex="-1" ref={note}>
      <Icon name="ok" />
      <span>
        {p().models === null ? w().added(p().name) : w().works(p().name, w().models(p().models ?? 0))}
        <For each={p().warnings}>{(warning) => <span class="warning">{warning}</span>}</For>
      </span>
    </div>
  );
}
