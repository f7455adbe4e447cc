// A command to take along.
import { createSignal, Show } from 'solid-js';
import { t } from '../i18n';
import { Icon } from './Icon';

/** Without TLS there is no clipboard API; the older command still works on what is selected. */
function copySelected(line: HTMLElement): boolean {
  getSelection()?.selectAllChildren(line);
  return document.execCommand('copy');
}

/** `wrap`: a long line is broken on screen rather than scrolled; what is copied stays one line. */
export function Copy(props: { text: string; wrap?: boolean }) {
  const [copied, setCopied] = createSignal(false);
  let line: HTMLElement | undefined;
  const copy = async () => {
    const done = navigator.clipboard ? await navigator.clipboard.writeText(props.text).then(() => true, () => copySelected(line!)) : copySelected(line!);
    if (!done) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div class="command" classList={{ wrap: props.wrap === true }}>
      <code ref={line} tabindex="0">{props.text}</code>
      <button type="button" onClick={copy}>
        <Show when={copied()} fallback={<Icon name="copy" />}>
          <Icon name="ok" />
        </Show>
        <span aria-live="polite">{copied() ? t().empty.copied : t().empty.copy}</span>
      </button>
    </div>
  );
}
