// A command to take along.
import { createSignal, Show } from 'solid-js';
import { t } from '../i18n';
import { Icon } from './Icon';

export function Copy(props: { text: string }) {
  const [copied, setCopied] = createSignal(false);
  let line: HTMLElement | undefined;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      getSelection()?.selectAllChildren(line!); // no clipboard without TLS: at least select it
    }
  };
  return (
    <div class="command">
      <code ref={line}>{props.text}</code>
      <button type="button" onClick={copy}>
        <Show when={copied()} fallback={<Icon name="copy" />}>
          <Icon name="ok" />
        </Show>
        <span>{copied() ? t().empty.copied : t().empty.copy}</span>
      </button>
    </div>
  );
}
