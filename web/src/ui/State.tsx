// A state as a sign, a colour and a word, the same everywhere.
import { Icon, type IconName } from './Icon';

export type Tone = 'good' | 'busy' | 'calm' | 'warn' | 'bad';

const looks: Record<string, [Tone, IconName]> = {
  // nodes
  linked: ['good', 'ok'],
  lost: ['bad', 'away'],
  suspended: ['calm', 'moon'],
  draining: ['warn', 'stop'],
  drained: ['calm', 'stop'],
  revoked: ['bad', 'bad'],
  // engines
  starting: ['warn', 'wait'],
  ready: ['good', 'ok'],
  stopped: ['calm', 'stop'],
  // workers
  idle: ['calm', 'stop'],
  busy: ['busy', 'run'],
  paused: ['warn', 'pause'],
  away: ['bad', 'away'],
  // tasks, attempts, batches
  queued: ['calm', 'wait'],
  offered: ['calm', 'wait'],
  running: ['busy', 'run'],
  waiting: ['warn', 'wait'],
  succeeded: ['good', 'ok'],
  done: ['good', 'ok'],
  failed: ['bad', 'bad'],
  cancelled: ['calm', 'stop'],
  refused: ['warn', 'stop'],
  unusable: ['warn', 'stop'],
  later: ['calm', 'wait'],
  ended: ['calm', 'stop'],
  open: ['busy', 'run'],
  // schedules, flows
  active: ['good', 'ok'],
  broken: ['bad', 'bad'],
};

export function State(props: { state: string; word: string; quiet?: boolean }) {
  const look = () => looks[props.state] ?? (['calm', 'stop'] as const);
  return (
    <span class="state" classList={{ [`tone-${look()[0]}`]: true, quiet: props.quiet === true }}>
      <Icon name={look()[1]} />
      {props.word}
    </span>
  );
}
