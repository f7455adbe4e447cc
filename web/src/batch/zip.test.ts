import { describe, expect, it } from 'vitest';
import { crc32, makeZip } from './zip';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Reads a ZIP as others do: from the end record through the directory to each file. (test/start.mjs lets another program read one.) */
async function readZip(zip: Blob): Promise<Record<string, string>> {
  const all = new Uint8Array(await zip.arrayBuffer());
  const view = new DataView(all.buffer);
  const end = all.length - 22;
  expect(view.getUint32(end, true)).toBe(0x06054b50);
  const out: Record<string, string> = {};
  const text = (from: number, length: number) => new TextDecoder().decode(all.subarray(from, from + length));
  let at = view.getUint32(end + 16, true);
  for (let n = view.getUint16(end + 10, true); n > 0; n--) {
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    const [crc, size, nameLength, head] = [view.getUint32(at + 16, true), view.getUint32(at + 24, true), view.getUint16(at + 28, true), view.getUint32(at + 42, true)];
    const name = text(at + 46, nameLength);
    expect(view.getUint32(head, true)).toBe(0x04034b50);
    expect(text(head + 30, nameLength)).toBe(name);
    const content = all.subarray(head + 30 + nameLength, head + 30 + nameLength + size);
    expect(crc32(content)).toBe(crc);
    out[name] = new TextDecoder().decode(content);
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return out;
}

describe('makeZip', () => {
  it('knows the check value of CRC-32', () => {
    expect(crc32(bytes('123456789'))).toBe(0xcbf43926);
  });
  it('keeps folders, empty files and names of any script', async () => {
    const files = { 'a/議事録.md': '納期は五月です。', 'empty.md': '', 'ä.md': 'x'.repeat(70_000) };
    const zip = makeZip(Object.entries(files).map(([name, text]) => ({ name, bytes: bytes(text) })));
    expect(await readZip(zip)).toEqual(files);
  });
});
