// The language of the page: the browser's, or the one that was chosen here.
import { createSignal } from 'solid-js';
import type { Lang } from '../format';
import { de } from './de';
import { en, type Words } from './en';
import { ja } from './ja';

export const dictionaries: Record<Lang, Words> = { en, de, ja };
export const languageNames: Record<Lang, string> = { en: 'English', de: 'Deutsch', ja: '日本語' };

const stored = 'flotte.language';

/** The first of `wanted` (as in navigator.languages) that there is a dictionary for; English otherwise. */
export function chooseLanguage(wanted: readonly string[]): Lang {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0];
    if (base === 'en' || base === 'de' || base === 'ja') return base;
  }
  return 'en';
}

function remembered(): string[] {
  try {
    return [localStorage.getItem(stored) ?? ''];
  } catch {
    return []; // storage is switched off
  }
}

const [lang, set] = createSignal<Lang>(chooseLanguage(typeof navigator === 'undefined' ? [] : [...remembered(), ...navigator.languages]));
export { lang };

export function setLang(next: Lang): void {
  set(next);
  try {
    localStorage.setItem(stored, next);
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}

/** The words of the language in use; reactive. */
export const t = (): Words => dictionaries[lang()];
