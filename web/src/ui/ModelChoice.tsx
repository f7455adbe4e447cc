// Chooses a model; the first choice leaves it to the hub.
import { createUniqueId, For } from 'solid-js';
import type { Catalog } from '../live/catalog';

export function ModelChoice(props: { catalog: Catalog; label: string; value: string; onChoose: (model: string) => void }) {
  const id = createUniqueId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select id={id} name="model" disabled={props.catalog.models().length === 0} onChange={(e) => props.onChoose(e.currentTarget.value)}>
        <For each={props.catalog.models()} fallback={<option value="">–</option>}>
          {(model) => (
            <option value={model.id} selected={model.id === props.value}>
              {model.targets[0] && model.targets[0] !== model.id ? `${model.id} → ${model.targets[0]}` : model.id}
            </option>
          )}
        </For>
      </select>
    </div>
  );
}
