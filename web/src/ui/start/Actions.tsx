// What can be done from the board, always in the same place; and the panels in which it is done.
import { createSignal, Show } from 'solid-js';
import type { ProviderAdded } from '../../api/types.gen';
import { t } from '../../i18n';
import type { Board } from '../../live/board';
import type { Catalog } from '../../live/catalog';
import { Icon } from '../Icon';
import { Panel } from '../Panel';
import { AskForm } from './AskForm';
import { InviteForm } from './InviteForm';
import { Added, ProviderForm } from './ProviderForm';
import { ProviderList } from './ProviderList';

export type Action = 'files' | 'ask' | 'machine' | 'provider';

export function Actions(props: { onChoose: (action: Action) => void; onSteps: () => void }) {
  const w = () => t().start.actions;
  return (
    <nav class="actions" aria-label={w().label}>
      <button type="button" data-action="files" onClick={() => props.onChoose('files')}>
        <Icon name="files" />
        {w().files}
      </button>
      <button type="button" data-action="ask" onClick={() => props.onChoose('ask')}>
        <Icon name="ask" />
        {w().ask}
      </button>
      <button type="button" data-action="machine" onClick={() => props.onChoose('machine')}>
        <Icon name="machine" />
        {w().machine}
      </button>
      <button type="button" data-action="provider" onClick={() => props.onChoose('provider')}>
        <Icon name="key" />
        {w().provider}
      </button>
      <button type="button" class="quiet push" data-action="steps" onClick={props.onSteps}>
        <Icon name="list" />
        {t().start.steps}
      </button>
    </nav>
  );
}

/** The panels of all actions but that of files, which has more to tell. */
export function ActionPanel(props: { action: Exclude<Action, 'files'>; board: Board; catalog: Catalog; onClose: () => void }) {
  const w = () => t().start;
  const [added, setAdded] = createSignal<ProviderAdded | null>(null);
  const titles = () => ({ ask: w().ask.title, machine: w().machine.title, provider: w().actions.provider });
  return (
    <Panel name={props.action} title={titles()[props.action]} wide onClose={props.onClose}>
      <Show when={props.action === 'ask'}>
        <p class="dim">{w().ask.text}</p>
        <AskForm catalog={props.catalog} />
      </Show>
      <Show when={props.action === 'machine'}>
        <p class="dim">{w().machine.text}</p>
        <InviteForm board={props.board} />
      </Show>
      <Show when={props.action === 'provider'}>
        <Show when={props.catalog.allowed()} fallback={<p class="note">{w().provider.adminOnly}</p>}>
          <ProviderForm
            onAdded={(provider) => {
              setAdded(provider);
              props.catalog.refresh();
            }}
          />
          <Show when={added()} keyed>
            {(provider) => <Added provider={provider} />}
          </Show>
          <h3>{w().provider.list}</h3>
          <ProviderList catalog={props.catalog} />
        </Show>
      </Show>
    </Panel>
  );
}
