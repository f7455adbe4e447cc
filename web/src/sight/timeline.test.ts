import { describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../api/types.gen';
import { makeTimeline, prettyBody } from './timeline';

const attempt = { target: 'a/m', status: 200, error: null, under_way: 0, asked_ms: 1, answered_ms: 5, first_ms: null, ended_ms: 9, request: null, answer: null, left: [] };
const call = { total_ms: 10, first_ms: 6, read_ms: 0.5, asked: [attempt] } as unknown as RecordedRequest;

describe('a timeline', () => {
  it('shares the time of the call', () => {
    const { endMs, rows } = makeTimeline(call);
    expect(endMs).toBe(10);
    expect(rows[0]!.bars).toEqual([
      { from: 0, to: 0.05, kind: 'reading' },
      { from: 0.05, to: 0.6, kind: 'waiting' },
      { from: 0.6, to: 1, kind: 'flowing' },
    ]);
    expect(rows[1]).toEqual({ name: 'a/m', bars: [{ from: 0.1, to: 0.5, kind: 'waiting' }, { from: 0.5, to: 0.9, kind: 'flowing' }] });
  });
  it('shows an attempt without an answer as failed', () => {
    const failed = { ...attempt, status: null, error: 'refused', answered_ms: null };
    expect(makeTimeline({ ...call, asked: [failed] }).rows[1]!.bars).toEqual([{ from: 0.1, to: 0.9, kind: 'failed' }]);
  });
  it('goes as far as anything is known of a call that is under way', () => {
    const live = { ...call, total_ms: null, first_ms: null, asked: [{ ...attempt, answered_ms: null, ended_ms: null, status: null }] };
    expect(makeTimeline(live).endMs).toBe(1);
  });
});

describe('a body', () => {
  it('is indented where it is whole JSON, and left alone otherwise', () => {
    expect(prettyBody('{"a":1}', false)).toBe('{\n  "a": 1\n}');
    expect(prettyBody('{"a":1', true)).toBe('{"a":1');
    expect(prettyBody('data: {}', false)).toBe('data: {}');
    expect(prettyBody('{nonsense', false)).toBe('{nonsense');
  });
});
