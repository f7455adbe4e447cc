// A text as a QR code: one path, always dark on light, because cameras expect it so.
import { createMemo } from 'solid-js';
import { encode } from 'uqr';

/** Runs of dark modules, row by row. */
function draw(rows: boolean[][]): string {
  let path = '';
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; ) {
      let end = x;
      while (row[end]) end++;
      if (end > x) path += `M${x} ${y}h${end - x}v1H${x}z`;
      x = Math.max(end, x + 1);
    }
  });
  return path;
}

export function QrCode(props: { text: string; label: string }) {
  const code = createMemo(() => encode(props.text, { ecc: 'L', border: 3 }));
  return (
    <svg class="qr" viewBox={`0 0 ${code().size} ${code().size}`} role="img" aria-label={props.label} shape-rendering="crispEdges">
      <path d={draw(code().data)} />
    </svg>
  );
}
