// The whole page takes files. While some are held over it, it says what will become of them.
import { createSignal, onCleanup, onMount, Show } from 'solid-js';
import { type Chosen, fromDrop } from '../batch/files';
import { t } from '../i18n';
import { Icon } from './Icon';

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;

export function DropPlace(props: { onDrop: (files: Chosen[]) => void }) {
  const [over, setOver] = createSignal(0); // elements entered and not left yet
  const enter = (event: DragEvent) => carriesFiles(event) && setOver((n) => n + 1);
  const leave = (event: DragEvent) => carriesFiles(event) && setOver((n) => Math.max(0, n - 1));
  const move = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault(); // otherwise the browser opens the file instead of this page
    event.dataTransfer!.dropEffect = 'copy';
  };
  const drop = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    setOver(0);
    void fromDrop(event.dataTransfer!).then((files) => files.length > 0 && props.onDrop(files));
  };
  onMount(() => {
    addEventListener('dragenter', enter);
    addEventListener('dragleave', leave);
    addEventListener('dragover', move);
    addEventListener('drop', drop);
  });
  onCleanup(() => {
    removeEventListener('dragenter', enter);
    removeEventListener('dragleave', leave);
    removeEventListener('dragover', move);
    removeEventListener('drop', drop);
  });
  return (
    <Show when={over() > 0}>
      <div class="drop-place">
        <p>
          <Icon name="files" />
          {t().start.files.dropPage}
        </p>
      </div>
    </Show>
  );
}
