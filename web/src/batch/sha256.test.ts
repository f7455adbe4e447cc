import { describe, expect, it } from 'vitest';
import { hashFile, Sha256 } from './sha256';

const theirs = (bytes: Uint8Array) => hashFile(new Blob([bytes as BlobPart]), crypto.subtle);
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

describe('Sha256', () => {
  it('agrees with another implementation at every length around the edges of a block', async () => {
    for (let length = 0; length <= 200; length++) {
      const hash = new Sha256();
      hash.update(bytesOf(length));
      expect(hash.hex(), `${length} bytes`).toBe(await theirs(bytesOf(length)));
    }
  });
  it('does not care how the bytes are portioned', async () => {
    const bytes = bytesOf(100_000);
    const hash = new Sha256();
    for (let at = 0, step = 1; at < bytes.length; at += step, step = (step * 7 + 3) % 997) hash.update(bytes.subarray(at, at + step));
    expect(hash.hex()).toBe(await theirs(bytes));
  });
});

describe('hashFile', () => {
  it('gives the same with and without the browser’s own', async () => {
    const file = new Blob([bytesOf(5 * 1024 * 1024 + 17)]);
    expect(await hashFile(file, null)).toBe(await hashFile(file, crypto.subtle));
  });
});
