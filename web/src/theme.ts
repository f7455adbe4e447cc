// Light or dark: the system's choice, or the one that was made here.
import { createSignal } from 'solid-js';

export type Theme = 'system' | 'light' | 'dark';

const stored = 'flotte.theme';
const order: Theme[] = ['system', 'light', 'dark'];

function remembered(): Theme {
  try {
    const word = localStorage.getItem(stored) as Theme;
    return order.includes(word) ? word : 'system';
  } catch {
    return 'system'; // storage is switched off
  }
}

const [theme, set] = createSignal<Theme>('system');
export { theme };

function show(next: Theme): void {
  set(next);
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
}

/** Before the first thing is drawn, so that nothing changes its colour under the reader's eyes. */
export const applyTheme = () => show(remembered());

export function nextTheme(): void {
  const next = order[(order.indexOf(theme()) + 1) % order.length]!;
  show(next);
  try {
    localStorage.setItem(stored, next);
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}
