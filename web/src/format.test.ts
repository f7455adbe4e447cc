import { describe, expect, it } from 'vitest';
import { formatClock, formatMemory, formatRate, formatSize, formatSpan, formatUsd, formatWhole } from './format';

describe('format', () => {
  it('writes clocks', () => {
    expect([0, 7, 65, 3599, 3661, -5].map(formatClock)).toEqual(['0:00', '0:07', '1:05', '59:59', '1:01:01', '0:00']);
  });
  it('writes spans in the reader’s language', () => {
    expect([8, 59.6, 240, 3600, 7800, 200_000].map((s) => formatSpan(s, 'en'))).toEqual(['8 s', '1 min', '4 min', '1 h', '2 h 10 min', '2 d']);
    expect(formatSpan(7800, 'ja')).toBe('2時間10分');
    expect(formatSpan(200_000, 'de')).toBe('2 T');
  });
  it('writes money without losing small sums, and nothing for what is no number', () => {
    expect(formatUsd('1234.5', 'en')).toBe('$1,234.50');
    expect(formatUsd('0.0012', 'en')).toBe('$0.0012');
    expect(formatUsd('0.00', 'en')).toBe('$0.00');
    expect(formatUsd('', 'en')).toBe('');
    expect(formatUsd('free', 'en')).toBe('');
  });
  it('writes numbers in the reader’s language', () => {
    expect(formatWhole(12345, 'de')).toBe('12.345');
    expect(formatRate(0, 'en')).toBe('0');
    expect(formatRate(3.14, 'de')).toBe('3,1');
    expect(formatRate(183.4, 'en')).toBe('183');
    expect(formatMemory(512, 'en')).toBe('512 MB');
    expect(formatMemory(64_100, 'en')).toBe('63 GB');
  });
});

describe('formatSize', () => {
  it('says sizes as the limits do: 64 MB is 64 times 1,024 times 1,024 bytes', () => {
    expect(formatSize(64 * 1024 * 1024, 'en')).toBe('64 MB');
    expect(formatSize(812, 'en')).toBe('812 B');
    expect(formatSize(4300, 'de')).toBe('4,2 kB');
  });
});
