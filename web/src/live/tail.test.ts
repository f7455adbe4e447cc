import { describe, expect, it } from 'vitest';
import { extendTail } from './tail';

describe('extendTail', () => {
  it('grows by what is new', () => {
    expect(extendTail('the quick brown', 'quick brown fox')).toBe('the quick brown fox');
    expect(extendTail('', 'a')).toBe('a');
    expect(extendTail('abc', 'bc')).toBe('abc');
  });
  it('starts again with another text', () => {
    expect(extendTail('first part ends here.', 'Zweiter Teil')).toBe('Zweiter Teil');
  });
  it('gives the whole text back from a window of 240 bytes, however it was cut, and stays bounded', () => {
    const whole = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ');
    let known = '';
    for (let end = 7; end <= whole.length; end += 7) {
      known = extendTail(known, whole.slice(Math.max(0, end - 240), end));
      expect(whole.slice(0, end).endsWith(known)).toBe(true);
      expect(known.length).toBeLessThanOrEqual(1400);
    }
    expect(known.length).toBeGreaterThan(300);
  });
});
