// Keeps a longer text than the feed sends: each message carries only the end of what a slot wrote. A text that grows at its end and is
// cut rarely at its beginning wraps the same way from one update to the next, so it can be read while it moves.

const keep = 1400; // characters before the beginning is cut
const after = 700; // characters that stay then

/** `known` continued by `tail`, the newest end of the same text. Where both have nothing in common, `tail` alone. */
export function extendTail(known: string, tail: string): string {
  if (known === '' || known.endsWith(tail)) return known === '' ? tail : known;
  for (let shared = Math.min(known.length, tail.length); shared > 0; shared--) {
    if (known.endsWith(tail.slice(0, shared))) return cutBeginning(known + tail.slice(shared));
  }
  return tail;
}

function cutBeginning(text: string): string {
  if (text.length <= keep) return text;
  const from = text.length - after;
  const line = text.indexOf('\n', from);
  if (line >= 0 && line < text.length - after / 2) return text.slice(line + 1);
  const word = text.indexOf(' ', from);
  return text.slice(word >= 0 ? word + 1 : from);
}
