// Chooses a model; the first choice leaves it to the hub. Any other name can be typed: not all models of a provider have a name of their own here.
import { createEffect, createSignal, createUniqueId, For, Show } from 'solid-js';
import { t } from '../i18n';
import type { Catalog } from '../live/catalog';

const other = '\n'; // no name of a model

export function ModelChoice(props: { catalog: Catalog; label: string; value: string; onChoose: (model: string) => void }) {
  const id = createUniqueId();
  const [typing, setTyping] = createSignal(false);
  let select: HTMLSelectElement | undefined;
  createEffect(() => {
    // After the options are there: while they change, the browser chooses one by itself.
    const chosen = props.value || (props.catalog.models()[0]?.id ?? '');
    if (!typing()) queueMicrotask(() => select && (select.value = chosen));
  });
  const choose = (value: string) => {
    setTyping(value === other);
    props.onChoose(value === other ? '' : value);
  };
  const labelOf = (name: string) => {
    const target = props.catalog.models().find((m) => m.id === name)?.targets[0];
    return target && target !== name ? `${name} → ${target}` : name;
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
        <select ref={select} id={id} name="model" disabled={props.catalog.models().length === 0} onChange={(e) => choose(e.currentTarget.value)}>
          <For each={props.catalog.models().map((m) => m.id)} fallback={<option value="">–</option>}>
            {(name) => <option value={name}>{labelOf(name)}</option>}
          </For>
          <Show when={props.catalog.models().length > 0}>
            <option value={other}>{t().start.model.other}</option>
          </Show>
        </select>
      </Show>
    </div>
  );
}
