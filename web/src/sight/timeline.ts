// Where the bars of a call's timeline begin and end. Pure.
import type { RecordedRequest } from '../api/types.gen';

/** Shares of the whole time, 0 to 1. */
export interface Bar {
  from: number;
  to: number;
  kind: 'reading' | 'waiting' | 'flowing' | 'failed';
}
export interface Row {
  name: string; // empty: the client
  bars: Bar[];
}
export interface Timeline {
  endMs: number; // what a share of 1 stands for
  rows: Row[];
}

/** The latest moment that anything is known of; at least a tenth of a millisecond, so that something can be drawn. */
function lastMoment(call: RecordedRequest): number {
  const moments = [call.total_ms, call.first_ms, call.read_ms, ...call.asked.flatMap((a) => [a.asked_ms, a.answered_ms, a.first_ms, a.ended_ms])];
  return Math.max(0.1, ...moments.map((m) => m ?? 0));
}

export function makeTimeline(call: RecordedRequest): Timeline {
  const endMs = lastMoment(call);
  const bar = (from: number | null, to: number | null, kind: Bar['kind']): Bar[] =>
    from === null || to === null || to <= from ? [] : [{ from: from / endMs, to: Math.min(1, to / endMs), kind }];
  const over = call.total_ms ?? endMs;
  const client: Row = {
    name: '',
    bars: [...bar(0, call.read_ms ?? over, 'reading'), ...bar(call.read_ms, call.first_ms ?? over, 'waiting'), ...bar(call.first_ms, over, 'flowing')],
  };
  const asked = call.asked.map((a): Row => {
    const ended = a.ended_ms ?? over;
    const answered = a.answered_ms ?? ended;
    const well = a.status !== null && a.status < 400 && a.error === null;
    return { name: a.target, bars: [...bar(a.asked_ms, answered, a.answered_ms === null && !well ? 'failed' : 'waiting'), ...bar(answered, ended, well ? 'flowing' : 'failed')] };
  });
  return { endMs, rows: [client, ...asked] };
}

/** JSON as people read it; other text as it is. */
export function prettyBody(text: string, cut: boolean): string {
  if (cut || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
