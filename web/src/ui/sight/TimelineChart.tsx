// A call's time as bars: the client above, under it each target that was asked.
import { createMemo, For } from 'solid-js';
import type { RecordedRequest } from '../../api/types.gen';
import { lang, t } from '../../i18n';
import { type Bar, makeTimeline, type Timeline } from '../../sight/timeline';
import { formatMs } from './words';

function describe(bar: Bar, line: Timeline, ofClient: boolean): string {
  const words = t().sight.story;
  const span = formatMs((bar.to - bar.from) * line.endMs, lang());
  if (bar.kind === 'reading') return words.read(formatMs(bar.to * line.endMs, lang()));
  if (bar.kind === 'failed') return `${span}: ${words.noAnswer}`;
  if (ofClient && bar.kind === 'waiting') return words.first(formatMs(bar.to * line.endMs, lang()));
  return bar.kind === 'waiting' ? words.waiting(span) : words.flowing(span);
}

export function TimelineChart(props: { call: RecordedRequest }) {
  const line = createMemo(() => makeTimeline(props.call));
  return (
    <div class="timeline" role="img" aria-label={t().sight.story.over(formatMs(line().endMs, lang()))}>
      <For each={line().rows}>
        {(row) => (
          <div class="lane">
            <span class="who">{row.name || t().sight.story.client}</span>
            <div class="track">
              <For each={row.bars}>
                {(bar) => (
                  <i
                    class={`bar ${bar.kind}`}
                    title={describe(bar, line(), row.name === '')}
                    style={{ left: `${(bar.from * 100).toFixed(2)}%`, width: `${Math.max(0.4, (bar.to - bar.from) * 100).toFixed(2)}%` }}
                  />
                )}
              </For>
            </div>
          </div>
        )}
      </For>
      <div class="scale dim num">
        <span>0</span>
        <span>{formatMs(line().endMs / 2, lang())}</span>
        <span>{formatMs(line().endMs, lang())}</span>
      </div>
    </div>
  );
}
