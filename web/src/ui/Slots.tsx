// Slots as small squares, filled where busy. More than fit are told as a number.
import { Index, Show } from 'solid-js';
import { t } from '../i18n';

const shown = 12;

export function Slots(props: { used: number; all: number }) {
  const words = () => t().engines.slots(props.used, props.all);
  return (
    <Show when={props.all <= shown} fallback={<span class="num count" title={words()}>{`${props.used}/${props.all}`}</span>}>
      <span class="dots" role="img" aria-label={words()} title={words()}>
        <Index each={Array.from({ length: props.all })}>{(_, i) => <i classList={{ on: i < props.used }} />}</Index>
      </span>
    </Show>
  );
}
