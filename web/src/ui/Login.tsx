// Asks for a key, and says where one is.
import { createSignal, Show } from 'solid-js';
import { ApiError, openSession } from '../api/client';
import type { Entry } from '../api/session';
import { t } from '../i18n';
import { Copy } from './Copy';
import { LanguageChoice, ThemeSwitch } from './Header';

export function Login(props: { problem: Entry; onIn: () => void; onAgain: () => void }) {
  const [problem, setProblem] = createSignal<Entry | 'wrong'>(props.problem);
  const [busy, setBusy] = createSignal(false);
  let field: HTMLInputElement | undefined;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const key = field!.value.trim();
    if (!key || busy()) return;
    setBusy(true);
    try {
      await openSession({ key });
      props.onIn();
    } catch (error) {
      const unreachable = !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
      setProblem(unreachable ? 'unreachable' : 'wrong');
      setBusy(false);
    }
  };
  const note = () => {
    const text = { in: '', out: '', wrong: t().login.wrong, refused: t().login.usedCode, unreachable: t().login.unreachable };
    return text[problem()];
  };
  return (
    <main class="login">
      <form class="card" onSubmit={submit}>
        <div class="row">
          <img src="/favicon.svg" alt="" width="32" height="32" />
          <h1>flotte</h1>
          <ThemeSwitch />
          <LanguageChoice />
        </div>
        <p>{t().login.text}</p>
        <Show when={note()}>
          <p class="problem" role="alert">
            {note()}
          </p>
        </Show>
        <label>
          {t().login.label}
          <input ref={field} type="password" name="key" autocomplete="current-password" spellcheck={false} autofocus required />
        </label>
        <div class="row">
          <button type="submit" disabled={busy()}>
            {t().login.submit}
          </button>
          <Show when={problem() === 'unreachable'}>
            <button type="button" class="plain" onClick={props.onAgain}>
              {t().login.again}
            </button>
          </Show>
        </div>
        <h2>{t().login.where}</h2>
        <p>{t().login.file}</p>
        <Copy text="cat ~/.local/share/flotte/admin.key" />
        <p>{t().login.station}</p>
        <Copy text="flotte station" />
      </form>
    </main>
  );
}
