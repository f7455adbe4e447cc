// How a call's status and times are written.
import type { RequestLine } from '../../api/types.gen';
import { formatRate, formatSpan, formatWhole, type Lang } from '../../format';
import { t } from '../../i18n';

/** 0.8 ms, 240 ms, 12.4 s, 4 min. */
export function formatMs(ms: number | null, lang: Lang): string {
  if (ms === null) return '–';
  if (ms < 1000) return `${ms < 10 ? formatRate(ms, lang) : formatWhole(ms, lang)} ms`;
  return ms < 60_000 ? `${formatRate(ms / 1000, lang)} s` : formatSpan(ms / 1000, lang);
}

const tone = (line: RequestLine) => (line.state === 'live' ? 'busy' : line.status === null || line.status >= 500 ? 'bad' : line.status >= 400 ? 'warn' : 'good');

export function StatusMark(props: { line: RequestLine }) {
  return <span class={`state status tone-${tone(props.line)}`}>{props.line.state === 'live' ? t().sight.requests.live : (props.line.status ?? '–')}</span>;
}
