// The frame of a view beside the board: the same top without the fleet's numbers.
import { type JSX, onCleanup, onMount } from 'solid-js';
import { closeSession } from '../../api/client';
import { t } from '../../i18n';
import { LanguageChoice, Logo, ThemeSwitch } from '../Header';
import { Views } from '../Views';

export function Page(props: { title: string; about: string; onSignOut: () => void; children: JSX.Element }) {
  onMount(() => (document.title = `${props.title} · flotte`));
  onCleanup(() => (document.title = 'flotte'));
  return (
    <>
      <header class="top">
        <div class="brand">
          <Logo />
          <strong>flotte</strong>
          <Views />
        </div>
        <div class="tools push">
          <ThemeSwitch />
          <LanguageChoice />
          <button type="button" class="plain" onClick={() => closeSession().finally(props.onSignOut)}>
            {t().login.out}
          </button>
        </div>
      </header>
      <main class="sight">
        <h1>{props.title}</h1>
        <p class="dim">{props.about}</p>
        {props.children}
      </main>
    </>
  );
}
