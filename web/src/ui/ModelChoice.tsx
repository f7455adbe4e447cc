// Chooses a model; the first choice leaves it to the hub. Any other name can be typed: not all models of a provider have a name of their own here.
import { createSignal, createUniqueId, For, Show } from 'solid-js';
import { t } from '../i18n';
import type { Catalog } from '../live/catalog';

const other = '\n'; // no name of a model

export function ModelChoice(props: { catalog: Catalog; label: string; value: string; onChoose: (model: string) => void }) {
  const id = createUniqueId();
  const [typing, setTyping] = createSignal(false);
  const choose = (value: string) => {
    setTyping(value === other);
    props.onChoose(value === other ? '' : value);
  };
  const leave = (event: FocusEvent & { currentTarget: HTMLInputElement }) => event.currentTarget.value.trim() === '' && setTyping(false);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <Show
        when={!typing()}
        fallback={
          <input
            id={id}
            name="model"
            type="text"
            spellcheck={false}
            autocomplete="off"
            placeholder={t().start.model.otherHint}
            ref={(input) => queueMicrotask(() => input.focus())}
            onInput={(e) => props.onChoose(e.currentTarget.value.trim())}
            onBlur={leave}
          />
        }
      >
        <select id={id} name="model" disabled={props.catalog.models().length === 0} onChange={(e) => choose(e.currentTarget.value)}>
          <For each={props.catalog.models()} fallback={<option value="">–</option>}>
            {(model) => (
              <option value={model.id} selected={model.id === props.value}>
                {model.targets[0] && model.targets[0] !== model.id ? `${model.id} → ${model.targets[0]}` : model.id}
              </option>
            )}
          </For>
          <Show when={props.catalog.models().length > 0}>
            <option value={other}>{t().start.model.other}</option>
          </Show>
        </select>
      </Show>
    </div>
  );
}
