// A thin bar: how far something is. `null`: under way, but nobody can tell how far.

export function Meter(props: { value: number | null; label: string; tone?: string }) {
  return (
    <div
      class={`meter ${props.tone ?? ''}`}
      classList={{ unknown: props.value === null }}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow={props.value === null ? undefined : Math.round(props.value * 100)}
    >
      <i style={{ transform: `scaleX(${props.value ?? 1})` }} />
    </div>
  );
}
