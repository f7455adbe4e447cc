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
  plus: 'M8 3.2v9.6M3.2 8h9.6',
  ask: 'M2.6 3.2h10.8v7.6H7.2L4.4 13.4v-2.6H2.6Z',
  files: 'M4.4 1.8h5l3 3v9.4h-8ZM9.4 1.8v3h3M6.4 8h4M6.4 10.6h4',
  key: 'M10.4 9.2a3.6 3.6 0 1 0-3.2-2L2.4 12v1.8h2.4v-1.6h1.6v-1.6h1.4ZM11.2 4.8v.2',
  list: 'M6 4h7.6M6 8h7.6M6 12h7.6M2.6 4h.2M2.6 8h.2M2.6 12h.2',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.4v1.2M8 13.4v1.2M1.4 8h1.2M13.4 8h1.2M3.4 3.4l.8.8M11.8 11.8l.8.8M12.6 3.4l-.8.8M4.2 11.8l-.8.8',
  half: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 2v12M8 5.2l4.6-.4M8 8h6M8 10.8l4.6.4',
  folder: 'M1.8 3.6h4.4l1.4 1.8h6.6v7.4H1.8Z',
  save: 'M8 2.4v7.4M4.8 7 8 10.2 11.2 7M2.8 13.2h10.4',
} as const;

export type IconName = keyof typeof paths;

export function Icon(props: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[props.name]} />
    </svg>
  );
}
