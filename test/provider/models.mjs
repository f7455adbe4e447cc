// What the lists of models hold: two names of no vendor's, and every scenario can be asked for by name all the same.
export const names = ['sim-large', 'sim-small'];
export const embedder = 'sim-embed';
export const dimensions = 8;

/** A vector that depends on the text alone: the same text, the same vector. */
export function embed(text, size = dimensions) {
  let state = 2166136261;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 16777619) >>> 0;
  return Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  });
}
