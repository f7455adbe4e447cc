import { describe, expect, it } from 'vitest';
import { chooseLanguage, dictionaries, setLang } from './index';
import { stepInWords } from './steps';

/** "work.phase.busy" -> "working" or "(n)" for a function of one argument. */
function leaves(value: unknown, path = ''): [string, string | number][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, value.length]];
  return Object.entries(value as object).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}

const english = leaves(dictionaries.en);

describe.each(['de', 'ja'] as const)('the %s dictionary', (lang) => {
  const words = new Map(leaves(dictionaries[lang]));

  it('has every word of the English one, and no other', () => {
    expect([...words.keys()].sort()).toEqual(english.map(([path]) => path).sort());
  });
  it('leaves no sentence untranslated or empty', () => {
    const same = english.filter(([path, text]) => typeof text === 'string' && text.includes(' ') && words.get(path) === text);
    expect(same).toEqual([]);
    expect([...words].filter(([, text]) => text === '')).toEqual([]);
  });
  it('uses every argument that its sentences are given', () => {
    for (const [path] of english.filter(([, text]) => typeof text === 'number')) {
      const say = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], dictionaries[lang]) as (...a: unknown[]) => string;
      expect(say(31, 32, 33)).toContain('31');
    }
  });
});

describe('language', () => {
  it('is the first that is wanted and there', () => {
    expect(chooseLanguage(['fr-FR', 'ja-JP', 'de'])).toBe('ja');
    expect(chooseLanguage(['DE-at'])).toBe('de');
    expect(chooseLanguage(['fr'])).toBe('en');
    expect(chooseLanguage([])).toBe('en');
  });
  it('translates the steps that flotte says, and leaves others as they are', () => {
    setLang('de');
    expect(stepInWords('part 3 of 7')).toBe('Teil 3 von 7');
    expect(stepInWords('putting the parts together')).toBe('fügt die Teile zusammen');
    expect(stepInWords('running npm test')).toBe('running npm test');
    setLang('en');
  });
});
