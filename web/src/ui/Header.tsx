// The top of the page: which hub, whether the picture is live, the numbers of the whole fleet.
import { createMemo, For, type JSX, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { closeSession } from '../api/client';
import { formatRate, formatUsd, formatWhole, type Lang } from '../format';
import { lang, languageNames, setLang, t } from '../i18n';
import type { Board } from '../live/board';
import { nextTheme, theme } from '../theme';
import { Icon } from './Icon';
import { Views } from './Views';

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M15 4v13H5z" />
      <path d="M17.5 8.5V17H25z" opacity=".65" />
      <path d="M3.5 20.5h25L24.4 27H7.6z" />
    </svg>
  );
}

/** `href`: where the number is taken apart. */
function Total(props: { name: string; value: string; strong?: boolean; href?: string; children?: JSX.Element }) {
  return (
    <Dynamic component={props.href ? 'a' : 'div'} href={props.href} class="total" classList={{ strong: props.strong === true }} data-total={props.name}>
      <b>{props.value}</b>
      <span>{props.name}</span>
      {props.children}
    </Dynamic>
  );
}

/** Tokens per second over the last minute, newest at the right. */
function Sparkline(props: { values: number[] }) {
  const line = createMemo(() => {
    const highest = Math.max(1, ...props.values);
    const from = 60 - props.values.length;
    return props.values.map((v, i) => `${from + i},${(19 - (v / highest) * 17).toFixed(1)}`).join(' ');
  });
  return (
    <svg class="spark" viewBox="0 0 59 20" preserveAspectRatio="none" role="img" aria-label={t().totals.history}>
      <line class="floor" x1="0" x2="59" y1="19.5" y2="19.5" vector-effect="non-scaling-stroke" />
      <polygon class="area" points={`${line()} 59,19.5 ${60 - props.values.length},19.5`} />
      <polyline class="line" points={line()} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

export function LanguageChoice() {
  return (
    <select class="language" aria-label={t().language} value={lang()} onChange={(e) => setLang(e.currentTarget.value as Lang)}>
      <For each={Object.entries(languageNames)}>{([code, name]) => <option value={code}>{name}</option>}</For>
    </select>
  );
}

const themeIcons = { system: 'half', light: 'sun', dark: 'moon' } as const;

export function ThemeSwitch() {
  return (
    <button type="button" class="theme" aria-label={t().start.theme[theme()]} title={t().start.theme[theme()]} onClick={nextTheme}>
      <Icon name={themeIcons[theme()]} />
    </button>
  );
}

export function Header(props: { board: Board; onSignOut: () => void }) {
  const totals = () => props.board.view.totals;
  const link = () => props.board.link();
  const signOut = () => closeSession().finally(props.onSignOut);
  return (
    <header class="top">
      <div class="brand">
        <Logo />
        <strong>flotte</strong>
        <Show when={props.board.view.hub}>
          <span class="hub">{props.board.view.hub}</span>
        </Show>
        <span class="link" classList={{ live: link() === 'live' }} role="status">
          <i />
          {t().link[link()]}
        </span>
        <Views />
      </div>
      <div class="totals" classList={{ stale: link() !== 'live' }}>
        <Total name={t().totals.running} value={formatWhole(totals().running, lang())} strong />
        <Total name={t().totals.queued} value={formatWhole(totals().queued, lang())} href="/tasks" />
        <Show when={totals().waiting > 0}>
          <Total name={t().totals.waiting} value={formatWhole(totals().waiting, lang())} href="/tasks" />
        </Show>
        <Total name={t().totals.done} value={formatRate(totals().donePerMinute, lang())} />
        <Total name={t().totals.tokens} value={formatRate(totals().tokensPerSecond, lang())}>
          <Sparkline values={props.board.history()} />
        </Total>
        <Show when={formatUsd(totals().costUsd, lang())}>
          {(cost) => <Total name={t().totals.cost} value={cost()} href="/usage" />}
        </Show>
      </div>
      <div class="tools">
        <ThemeSwitch />
        <LanguageChoice />
        <button type="button" class="plain" onClick={signOut}>
          {t().login.out}
        </button>
      </div>
    </header>
  );
}
