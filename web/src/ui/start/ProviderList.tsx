// The providers that there are, where each comes from, and a way to forget those that were added here.
import { createSignal, For, Show } from 'solid-js';
import { removeProvider } from '../../api/client';
import type { Provider } from '../../api/types.gen';
import { t } from '../../i18n';
import type { Catalog } from '../../live/catalog';
import { Problem } from '../Problem';
import { State } from '../State';

function ProviderItem(props: { provider: Provider; onRemove: () => void }) {
  const w = () => t().start.provider;
  const p = () => props.provider;
  const [sure, setSure] = createSignal(false);
  const facts = () => [w().source[p().source], p().models !== null && w().models(p().models ?? 0), p().base_url].filter(Boolean).join(' · ');
  return (
    <li class="provider-item" data-provider={p().name}>
      <div class="row">
        <b>{p().name}</b>
        <State state={p().state === 'on' ? 'ready' : 'stopped'} word={w().state[p().state]} quiet />
      </div>
      <div class="row">
        <span class="facts">{p().reason ?? facts()}</span>
        <Show when={p().source === 'stored'}>
          <button type="button" class="plain push" aria-label={w().remove(p().name)} onClick={() => (sure() ? props.onRemove() : setSure(true))} onBlur={() => setSure(false)}>
            {sure() ? w().sure : w().removeShort}
          </button>
        </Show>
      </div>
    </li>
  );
}

export function ProviderList(props: { catalog: Catalog }) {
  const [problem, setProblem] = createSignal<unknown>(null);
  const remove = async (name: string) => {
    setProblem(null);
    await removeProvider(name).catch(setProblem);
    props.catalog.refresh();
  };
  return (
    <>
      <Problem error={problem()} />
      <Show when={props.catalog.providers().length > 0} fallback={<p class="nothing">{t().start.provider.none}</p>}>
        <ul class="providers">
          <For each={props.catalog.providers()}>{(provider) => <ProviderItem provider={provider} onRemove={() => void remove(provider.name)} />}</For>
        </ul>
      </Show>
    </>
  );
}
