// The few signs that the board uses, drawn on a 16 x 16 grid. Always beside a word, so hidden from screen readers.

const paths = {
  ok: 'M3.2 8.4 6.6 11.8 12.8 4.6',
  bad: 'M4.2 4.2 11.8 11.8M11.8 4.2 4.2 11.8',
  stop: 'M3.4 8h9.2',
  warn: 'M8 2.4 14.4 13.4H1.6ZM8 6.6v3.2M8 11.6v.2',
  wait: 'M8 4.4V8l2.4 1.6M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8',
  pause: 'M5.6 3.6v8.8M10.4 3.6v8.8',
  run: 'M5 3.2 12.4 8 5 12.8Z',
  machine: 'M2.4 3.2h11.2v6.8H2.4ZM5.6 13h4.8M8 10v3',
  chip: 'M4.4 4.4h7.2v7.2H4.4ZM6.4 1.8v2.6M9.6 1.8v2.6M6.4 11.6v2.6M9.6 11.6v2.6M1.8 6.4h2.6M1.8 9.6h2.6M11.6 6.4h2.6M11.6 9.6h2.6',
  worker: 'M8 7.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2M3 13.6c.4-2.8 2.4-4.2 5-4.2s4.6 1.4 5 4.2',
  moon: 'M12.8 9.6A5.4 5.4 0 0 1 6.4 3.2a5.4 5.4 0 1 0 6.4 6.4',
  away: 'M8 13.6v-.2M5.6 10.8a3.6 3.6 0 0 1 4.8 0M3.2 8a7 7 0 0 1 9.6 0M2 2l12 12',
  home: 'M2.4 7.6 8 2.6l5.6 5M4 6.6v6.8h8V6.6',
  copy: 'M5.6 5.6h8v8h-8ZM10.4 5.2V2.4h-8v8h2.8',
} as const;

export type IconName = keyof typeof paths;

export function Icon(props: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[props.name]} />
    </svg>
  );
}
