// What went wrong and what to do, in the place where it went wrong.
import { Show } from 'solid-js';
import { ApiError } from '../api/client';
import { t } from '../i18n';

/** Message and hint; the hub's own words where it said any. */
export function wordsOf(error: unknown): { message: string; hint: string } {
  if (!(error instanceof ApiError)) return { message: String(error instanceof Error ? error.message : error), hint: '' };
  return error.status === 0 ? { message: t().start.noAnswer, hint: '' } : { message: error.message, hint: error.hint };
}

export function Problem(props: { error: unknown }) {
  return (
    <Show when={props.error}>
      {(error) => (
        <p class="problem" role="alert">
          {wordsOf(error()).message}
          <Show when={wordsOf(error()).hint}>
            {(hint) => (
              <>
                <br />
                <span class="hint">{hint()}</span>
              </>
            )}
          </Show>
        </p>
      )}
    </Show>
  );
}
