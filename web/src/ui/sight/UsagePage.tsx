// Tokens and money, in groups and periods.
import { createResource, createSignal, For, Show } from 'solid-js';
import { ApiError, showUsage } from '../../api/client';
import type { UsageRow } from '../../api/types.gen';
import { formatUsd, formatWhole } from '../../format';
import { lang, t } from '../../i18n';
import { Meter } from '../Meter';
import { Page } from './Page';

const groups = ['model', 'provider', 'key', 'worker', 'task', 'day'] as const;
const spans = { today: 0, week: 6, month: 29, all: null } as const;
type Span = keyof typeof spans;
const dayMs = 86_400_000;

/** The beginning of that many days before today, UTC; empty: since ever. */
const since = (span: Span) => {
  const days = spans[span];
  return days === null ? '' : new Date((Math.floor(Date.now() / dayMs) - days) * dayMs).toISOString();
};

const weight = (row: UsageRow) => row.input_tokens + row.output_tokens;

function Row(props: { row: UsageRow; most: number }) {
  const r = () => props.row;
  const n = (value: number) => formatWhole(value, lang());
  return (
    <tr>
      <td class="name">{r().name ?? r().group}</td>
      <td class="share">
        <Meter value={props.most > 0 ? weight(r()) / props.most : 0} label={r().name ?? r().group} />
      </td>
      <td class="num right">{n(r().calls)}</td>
      <td class="num right">{n(r().failed ?? 0)}</td>
      <td class="num right">{n(r().input_tokens)}</td>
      <td class="num right">{n(r().cached_tokens)}</td>
      <td class="num right">{n(r().output_tokens)}</td>
      <td class="num right" title={(r().unpriced_calls ?? 0) > 0 ? t().sight.usage.unpriced(r().unpriced_calls ?? 0) : undefined}>
        {formatUsd(r().cost_usd, lang()) || t().sight.requests.unknownCost}
        {(r().unpriced_calls ?? 0) > 0 && r().cost_usd !== null ? ' +?' : ''}
      </td>
    </tr>
  );
}

export function UsagePage(props: { onDenied: () => void }) {
  const [by, setBy] = createSignal<(typeof groups)[number]>('model');
  const [span, setSpan] = createSignal<Span>('month');
  const words = () => t().sight.usage;
  const [answer] = createResource(
    () => ({ by: by(), from: since(span()) }),
    (query) =>
      showUsage(query).then(
        (page) => page.items,
        (error: unknown) => {
          if (error instanceof ApiError && error.status === 401) props.onDenied();
          return error instanceof ApiError ? error : new ApiError(0, '', '');
        },
      ),
  );
  const latest = () => answer.latest;
  const rows = () => (Array.isArray(latest()) ? (latest() as UsageRow[]) : []);
  const problem = () => (latest() instanceof ApiError ? (latest() as ApiError) : undefined);
  const most = () => Math.max(0, ...rows().map(weight));
  const sum = (key: 'calls' | 'input_tokens' | 'cached_tokens' | 'output_tokens') => formatWhole(rows().reduce((all, row) => all + row[key], 0), lang());
  const money = () => {
    const known = rows().filter((row) => row.cost_usd !== null);
    if (known.length === 0) return t().sight.requests.unknownCost;
    return formatUsd(String(known.reduce((all, row) => all + Number(row.cost_usd), 0)), lang());
  };
  return (
    <Page title={words().title} about={words().about} onSignOut={props.onDenied}>
      <div class="filters">
        <div class="tabs" role="group" aria-label={words().by}>
          <For each={groups}>
            {(name) => (
              <button type="button" aria-pressed={by() === name} onClick={() => setBy(name)}>
                {words().group[name]}
              </button>
            )}
          </For>
        </div>
        <label class="push">
          {words().period}
          <select value={span()} onChange={(e) => setSpan(e.currentTarget.value as Span)}>
            <For each={Object.keys(spans) as Span[]}>{(name) => <option value={name}>{words().span[name]}</option>}</For>
          </select>
        </label>
      </div>
      <Show when={problem()}>{(error) => <p class="problem">{error().message || t().start.noAnswer}</p>}</Show>
      <Show when={rows().length > 0} fallback={<p class="nothing">{answer.loading ? '' : words().none}</p>}>
        <div class="scroll">
          <table class="lines still">
            <thead>
              <tr>
                <th>{words().group[by()]}</th>
                <th />
                <th class="right">{words().column.calls}</th>
                <th class="right">{words().column.failed}</th>
                <th class="right">{words().column.input}</th>
                <th class="right">{words().column.cached}</th>
                <th class="right">{words().column.output}</th>
                <th class="right">{words().column.cost}</th>
              </tr>
            </thead>
            <tbody>
              <For each={rows()}>{(row) => <Row row={row} most={most()} />}</For>
            </tbody>
            <tfoot>
              <tr>
                <td colSpan={2}>{words().sum}</td>
                <td class="num right">{sum('calls')}</td>
                <td />
                <td class="num right">{sum('input_tokens')}</td>
                <td class="num right">{sum('cached_tokens')}</td>
                <td class="num right">{sum('output_tokens')}</td>
                <td class="num right">{money()}</td>
              </tr>
            </tfoot>
          </table>
        </div>
      </Show>
    </Page>
  );
}
