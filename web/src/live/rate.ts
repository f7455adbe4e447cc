// How fast a number grows: the slope over the last few seconds.

export class Rate {
  private samples: { at: number; value: number }[] = [];

  constructor(private readonly windowMs: number) {}

  /** The number as it was at `at` (ms). A number that fell (a new run) starts again. */
  add(at: number, value: number): void {
    const last = this.samples.at(-1);
    if (last && value < last.value) this.samples = [];
    this.samples.push({ at, value });
    this.prune(at);
  }

  /** Growth per second over the window; 0 where there is not enough to tell. */
  perSecond(now: number): number {
    this.prune(now);
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.value === first.value) return 0;
    const seconds = (now - first.at) / 1000;
    return seconds < 0.3 ? 0 : (last.value - first.value) / seconds;
  }

  /** How much of the window is known, in ms. */
  known(now: number): number {
    const first = this.samples[0];
    return first ? now - first.at : 0;
  }

  /** Keeps one sample that is older than the window, so that a slow number still has a slope. */
  private prune(now: number): void {
    while (this.samples.length > 1 && now - this.samples[1]!.at > this.windowMs) this.samples.shift();
    const first = this.samples[0];
    if (this.samples.length === 1 && first && now - first.at > this.windowMs) this.samples[0] = { at: now - this.windowMs, value: first.value };
  }
}
