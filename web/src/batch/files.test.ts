import { describe, expect, it } from 'vitest';
import { type Chosen, documentLimit, fromChooser, merge, problemOf, titleOf } from './files';

const file = (path: string, size = 1): Chosen => ({ path, file: { name: path.split('/').at(-1), size } as File });
const count = (n: number) => `${n} files`;

describe('files', () => {
  it('leaves out what is empty or too large, and says which', () => {
    expect(problemOf({ size: 0 })).toBe('empty');
    expect(problemOf({ size: documentLimit })).toBeNull();
    expect(problemOf({ size: documentLimit + 1 })).toBe('too_large');
  });
  it('keeps the path of a folder and ignores hidden files', () => {
    const chosen = fromChooser([{ name: 'a.md', webkitRelativePath: 'docs/a.md' }, { name: 'b.md', webkitRelativePath: '' }, { name: 'HEAD', webkitRelativePath: 'docs/.git/HEAD' }] as File[]);
    expect(chosen.map((c) => c.path)).toEqual(['docs/a.md', 'b.md']);
  });
  it('takes a file that is chosen again in place of the one before', () => {
    const all = merge([file('b', 1), file('a', 1)], [file('b', 2)]);
    expect(all.map((c) => [c.path, c.file.size])).toEqual([['a', 1], ['b', 2]]);
  });
});

describe('titleOf', () => {
  it('names the one folder or file, or says how many', () => {
    expect(titleOf([file('docs/a'), file('docs/b')], 'Sum it up', count)).toBe('docs: Sum it up');
    expect(titleOf([file('a'), file('b')], 'Sum  it\nup', count)).toBe('2 files: Sum it up');
  });
  it('cuts a long prompt between characters', () => {
    const title = titleOf([file('a')], '🐟'.repeat(80), count);
    expect(title).toBe(`a: ${'🐟'.repeat(59)}…`);
  });
});
