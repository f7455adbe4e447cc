// The next machine: one line to paste there, how long it is good, and the moment in which the machine is here.
import { createEffect, createMemo, createSignal, For, onCleanup, Show } from 'solid-js';
import { createInvite } from '../../api/client';
import type { Invite } from '../../api/types.gen';
import { formatMemory, formatSpan } from '../../format';
import { lang, t } from '../../i18n';
import type { Board } from '../../live/board';
import type { MachineView } from '../../live/views';
import { Copy } from '../Copy';
import { Icon } from '../Icon';
import { Problem } from '../Problem';
import { QrCode } from '../QrCode';

/** Whether only the hub's own machine can reach this address. */
export function isLoopback(join: string): boolean {
  try {
    return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(join).hostname);
  } catch {
    return false;
  }
}

const factsOf = (m: MachineView) =>
  [m.system, m.cpus > 0 && t().machines.cpus(m.cpus), m.memoryMb > 0 && formatMemory(m.memoryMb, lang())].filter(Boolean).join(' · ');

export function InviteForm(props: { board: Board; onJoined?: () => void }) {
  const w = () => t().start.machine;
  const view = props.board.view;
  const [invite, setInvite] = createSignal<Invite | null>(null);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<unknown>(null);
  const [known, setKnown] = createSignal<Set<string>>(new Set());
  const [clock, setClock] = createSignal(Date.now());
  const ticking = setInterval(() => setClock(Date.now()), 1000);
  onCleanup(() => clearInterval(ticking));

  const make = async () => {
    if (busy()) return;
    setBusy(true);
    setProblem(null);
    setKnown(new Set(view.machines.map((m) => m.key)));
    await createInvite().then(setInvite, setProblem);
    setClock(Date.now());
    setBusy(false);
  };
  const left = () => (Date.parse(invite()?.expires_at ?? '') - (clock() + view.clockOffset)) / 1000;
  const joined = createMemo(() => (invite() ? view.machines.filter((m) => m.state === 'linked' && !known().has(m.key)) : []));
  createEffect(() => joined().length > 0 && props.onJoined?.());

  return (
    <div class="form invite">
      <Show
        when={invite()}
        fallback={
          <div class="row">
            <button type="button" class="main" disabled={busy()} onClick={make}>
              <Icon name="machine" />
              {w().submit}
            </button>
          </div>
        }
      >
        {(made) => (
          <Show
            when={joined().length === 0}
            fallback={
              <>
                <For each={joined()}>
                  {(machine) => (
                    <div class="success" role="status" data-joined={machine.name}>
                      <Icon name="ok" />
                      <span>
                        <b>{w().joined(machine.name)}</b>
                        <br />
                        <span class="facts">{factsOf(machine)}</span>
                      </span>
                    </div>
                  )}
                </For>
                <div class="row">
                  <button type="button" class="plain" onClick={make}>
                    {w().another}
                  </button>
                </div>
              </>
            }
          >
            <Show
              when={left() > 0}
              fallback={
                <div class="row">
                  <span class="dim">{w().expired}</span>
                  <button type="button" class="plain" onClick={make}>
                    {w().again}
                  </button>
                </div>
              }
            >
              <p>{w().paste}</p>
              <div class="line">
                <div class="text">
                  <Copy text={made().command} wrap />
                  <p class="row waiting" role="status">
                    <i class="pulse" />
                    <span>{w().waiting}</span>
                    <span class="push num dim">{w().left(formatSpan(left(), lang()))}</span>
                  </p>
                  <Show when={isLoopback(made().join)}>
                    <p class="note">{w().loopback}</p>
                    <Copy text="flotte up --lan" />
                  </Show>
                </div>
                <QrCode text={made().command} label={w().qr} />
              </div>
            </Show>
          </Show>
        )}
      </Show>
      <Problem error={problem()} />
    </div>
  );
}
