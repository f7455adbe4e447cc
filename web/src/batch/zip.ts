// A ZIP file of texts, stored without compression: small results, and every system can open it.

export interface Entry {
  name: string; // with '/' between folders
  bytes: Uint8Array;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

export function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

const utf8Names = 0x0800;

/** The fields that a file's own head and its line in the directory share, from "version needed" to "length of the extra field". */
function shared(entry: Entry, name: Uint8Array, at: Date): number[] {
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
  const date = ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  const size = four(entry.bytes.length);
  return [...two(20), ...two(utf8Names), ...two(0), ...two(time), ...two(date), ...four(crc32(entry.bytes)), ...size, ...size, ...two(name.length), ...two(0)];
}

const two = (n: number) => [n & 0xff, (n >>> 8) & 0xff];
const four = (n: number) => [...two(n & 0xffff), ...two(n >>> 16)];

/** Below 4 GB and 65,535 entries, which is far more than a page holds in memory. */
export function makeZip(entries: Entry[], at = new Date()): Blob {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.name);
    const fields = shared(entry, name, at);
    const head = Uint8Array.from([...four(0x04034b50), ...fields]);
    directory.push(Uint8Array.from([...four(0x02014b50), ...two(20), ...fields, ...two(0), ...two(0), ...two(0), ...four(0), ...four(offset)]), name);
    parts.push(head, name, entry.bytes);
    offset += head.length + name.length + entry.bytes.length;
  }
  const length = directory.reduce((sum, piece) => sum + piece.length, 0);
  const count = two(entries.length);
  const end = Uint8Array.from([...four(0x06054b50), ...two(0), ...two(0), ...count, ...count, ...four(length), ...four(offset), ...two(0)]);
  return new Blob([...parts, ...directory, end] as BlobPart[], { type: 'application/zip' });
}
