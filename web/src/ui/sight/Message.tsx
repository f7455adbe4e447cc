// One message of a call, folded: its first line, its fields, its body.
import { For, Show } from 'solid-js';
import type { RecordedMessage } from '../../api/types.gen';
import { formatSize } from '../../format';
import { lang, t } from '../../i18n';
import { prettyBody } from '../../sight/timeline';

export function Message(props: { title: string; message: RecordedMessage | null }) {
  const words = () => t().sight.story;
  return (
    <Show when={props.message}>
      {(m) => {
        const size = () => formatSize(m().body.bytes, lang());
        return (
          <details class="message">
            <summary>
              <b>{props.title}</b> <code>{m().line}</code> <span class="dim num">{m().body.bytes === 0 ? words().empty : size()}</span>
            </summary>
            <details>
              <summary class="dim">{words().headers(m().headers.length)}</summary>
              <dl class="fields">
                <For each={m().headers}>
                  {([name, value]) => (
                    <>
                      <dt>{name}</dt>
                      <dd>{value}</dd>
                    </>
                  )}
                </For>
              </dl>
            </details>
            <Show when={m().body.text !== null} fallback={<p class="dim">{words().notKept(size())}</p>}>
              <Show when={m().body.text}>{(text) => <pre class="result code">{prettyBody(text(), m().body.cut)}</pre>}</Show>
              <Show when={m().body.cut}>
                <p class="dim">{words().beginning(size())}</p>
              </Show>
            </Show>
          </details>
        );
      }}
    </Show>
  );
}
