// A place to drop files, with buttons for those who would rather choose them.
import { onMount } from 'solid-js';
import { t } from '../../i18n';
import { Icon } from '../Icon';

export function Chooser(props: { disabled?: boolean; onChosen: (files: File[]) => void }) {
  const w = () => t().start.files;
  let files: HTMLInputElement | undefined;
  let folder: HTMLInputElement | undefined;
  onMount(() => {
    folder!.webkitdirectory = true;
  });
  const take = (input: HTMLInputElement) => {
    const chosen = [...(input.files ?? [])];
    input.value = ''; // the same file may be chosen again
    if (chosen.length > 0) props.onChosen(chosen);
  };
  return (
    <div class="chooser">
      <Icon name="files" />
      <span>{w().dropHere}</span>
      <div class="row">
        <button type="button" class="plain" disabled={props.disabled} onClick={() => files?.click()}>
          {w().choose}
        </button>
        <button type="button" class="plain" disabled={props.disabled} onClick={() => folder?.click()}>
          {w().folder}
        </button>
      </div>
      <input ref={files} type="file" name="files" multiple hidden aria-label={w().choose} onChange={(e) => take(e.currentTarget)} />
      <input ref={folder} type="file" name="folder" hidden aria-label={w().folder} onChange={(e) => take(e.currentTarget)} />
    </div>
  );
}
