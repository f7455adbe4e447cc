// The side panel: a dialog at the right edge. Escape, the button and a click beside it close it.
import { type JSX, onMount } from 'solid-js';
import { t } from '../i18n';

export function Panel(props: { title: string; name: string; wide?: boolean; onClose: () => void; children: JSX.Element }) {
  let dialog: HTMLDialogElement | undefined;
  onMount(() => dialog?.showModal());
  return (
    <dialog
      class="panel"
      classList={{ wide: props.wide === true }}
      data-panel={props.name}
      ref={dialog}
      onClose={(e) => e.target === dialog && props.onClose()}
      onClick={(e) => e.target === dialog && dialog?.close()}
      aria-labelledby={`panel-${props.name}`}
    >
      <div class="inside">
        <div class="row">
          <h2 id={`panel-${props.name}`}>{props.title}</h2>
          <button type="button" class="plain push" onClick={() => dialog?.close()}>
            {t().task.close}
          </button>
        </div>
        {props.children}
      </div>
    </dialog>
  );
}
