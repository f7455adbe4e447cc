// One call: what is known of it, its timeline, and both sides.
import { createResource, createSignal, For, type JSX, Show } from 'solid-js';
import { ApiError, replayRequest, showRequest } from '../../api/client';
import type { RecordedAttempt, RecordedRequest } from '../../api/types.gen';
import { formatUsd, formatWhole } from '../../format';
import { lang, t } from '../../i18n';
import { Panel } from '../Panel';
import { Message } from './Message';
import { TimelineChart } from './TimelineChart';
import { formatMs, StatusMark } from './words';

function Fact(props: { name: string; value: JSX.Element }) {
  return (
    <Show when={props.value}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </Show>
  );
}

function Asked(props: { attempt: RecordedAttempt }) {
  const a = () => props.attempt;
  const words = () => t().sight.story;
  return (
    <li>
      <div class="row">
        <b>{a().target}</b>
        <span class="push dim num">{a().status ?? words().noAnswer}</span>
      </div>
      <Show when={a().error}>
        <p class="problem">{a().error}</p>
      </Show>
      <Show when={a().left.length > 0}>
        <p class="dim">{words().notAsked}:</p>
        <ul class="left-out">
          <For each={a().left}>
            {(left) => (
              <li>
                {left.target}: <span class="dim">{words().left[left.why]}</span>
                <Show when={left.opens_in_ms}>{(ms) => <span class="dim"> ({words().opensIn(formatMs(ms(), lang()))})</span>}</Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Message title={words().sides.sent} message={a().request} />
      <Message title={words().sides.got} message={a().answer} />
    </li>
  );
}

function Story(props: { call: RecordedRequest; onOpen: (id: string) => void }) {
  const r = () => props.call;
  const words = () => t().sight.story;
  const [busy, setBusy] = createSignal(false);
  const [told, setTold] = createSignal<{ text: string; id: string } | null>(null);
  const n = (value: number | null) => (value === null ? '–' : formatWhole(value, lang()));
  const replay = async () => {
    setBusy(true);
    try {
      const again = await replayRequest(r().id);
      setTold({ text: words().replayed(again.id), id: again.id });
    } catch (error) {
      setTold({ text: error instanceof ApiError && error.message ? `${error.message} ${error.hint}` : t().start.noAnswer, id: '' });
    }
    setBusy(false);
  };
  return (
    <>
      <div class="row">
        <StatusMark line={r()} />
        <span class="dim num">{r().at.slice(0, 19).replace('T', ' ')} UTC</span>
        <button type="button" class="plain push" disabled={busy() || !r().replayable} title={r().replayable ? undefined : words().notReplayable} onClick={replay}>
          {busy() ? words().replaying : words().replay}
        </button>
      </div>
      <Show when={told()}>
        {(what) => (
          <p class={what().id ? 'told' : 'problem'} role="status">
            <Show when={what().id} fallback={what().text}>
              <button type="button" class="bare" onClick={() => props.onOpen(what().id)}>
                {what().text}
              </button>
            </Show>
          </p>
        )}
      </Show>
      <dl>
        <Fact name={words().key} value={r().key_name} />
        <Fact name={words().task} value={r().task} />
        <Fact name={words().model} value={r().model} />
        <Fact name={words().standsFor} value={r().route && r().strategy ? `${r().route} (${r().strategy})` : r().route} />
        <Fact name={words().answered} value={r().target} />
        <Fact name={words().usage} value={words().usageText(n(r().usage.input_tokens), n(r().usage.cached_tokens), n(r().usage.output_tokens))} />
        <Fact name={words().cost} value={formatUsd(r().usage.cost_usd, lang()) || t().sight.requests.unknownCost} />
        <Fact name={words().replayOf} value={r().replay_of} />
      </dl>
      <h3>{words().timeline}</h3>
      <TimelineChart call={r()} />
      <Message title={words().sides.clientSent} message={r().request} />
      <ol class="attempts">
        <For each={r().asked}>{(attempt) => <Asked attempt={attempt} />}</For>
      </ol>
      <Message title={words().sides.clientGot} message={r().answer} />
    </>
  );
}

export function RequestPanel(props: { id: string; onOpen: (id: string) => void; onClose: () => void }) {
  const [call] = createResource(
    () => props.id,
    (id) => showRequest(id).catch((error: unknown) => (error instanceof ApiError ? error : new ApiError(0, '', ''))),
  );
  const good = () => (call() instanceof ApiError ? undefined : (call() as RecordedRequest | undefined));
  const bad = () => (call() instanceof ApiError ? (call() as ApiError) : undefined);
  return (
    <Panel title={t().sight.story.title(props.id)} name="request" wide onClose={props.onClose}>
      <Show when={good()}>{(one) => <Story call={one()} onOpen={props.onOpen} />}</Show>
      <Show when={bad()}>{(error) => <p class="problem">{error().message ? `${error().message} ${error().hint}` : t().start.noAnswer}</p>}</Show>
    </Panel>
  );
}
