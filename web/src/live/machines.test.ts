// What a machine's card knows beside its engines.
import { expect, test } from 'vitest';
import { arrangeMachines } from './machines';
import { at, node } from './samples.test-data';

const arrange = (...nodes: ReturnType<typeof node>[]) => arrangeMachines(nodes, [], [], new Map());

test('a laptop on its battery says so, and what it has found', () => {
  const plain = node('box');
  const [machine] = arrange(
    node('laptop', {
      capacity: {
        ...plain.capacity,
        power: 'battery', battery_percent: 71, metered: true,
        gpus: [{ name: 'Radeon RX 6600', maker: 'amd', memory_mb: 8176, memory_free_mb: 7000 }],
        agents: [{ program: 'claude', title: 'Claude Code', path: '/usr/bin/claude', version: '2.1.0', logged_in: true }],
      },
      seen: [{ kind: 'agent', name: 'claude', where: '/usr/bin/claude', why: 'no worker yet', hint: null }],
    }),
  );
  expect(machine?.battery).toEqual({ percent: 71, discharging: true });
  expect(machine?.metered).toBe(true);
  expect(machine?.gpus).toEqual([{ name: 'Radeon RX 6600', memoryMb: 8176 }]);
  expect(machine?.seen).toEqual([{ kind: 'agent', name: 'claude', why: 'no worker yet', hint: '' }]);
});

test('a card has every label once, the free disk, and whether the machine is on mains', () => {
  const plain = node('box');
  const [machine] = arrange(node('box', { labels: ['documents', 'gpu'], host: { ...plain.host, labels: ['gpu', 'attic'] } }));
  expect(machine?.labels).toEqual(['attic', 'documents', 'gpu', 'mains']);
  expect(machine?.diskFreeMb).toBe(50_000);
  expect(machine?.mains).toBe(true);
});

test('who takes no new work is still there', () => {
  const order = arrange(node('a', { state: 'lost' }), node('b', { state: 'drained' }), node('c', { state: 'draining' })).map((m) => m.name);
  expect(order).toEqual(['b', 'c', 'a']);
});

test('a desktop has no battery, and one that sleeps is shown being woken', () => {
  const [machine] = arrange(node('box', { state: 'suspended', waking: { since: at(0), last: at(20), packets: 2, by: 'home', why: null } }));
  expect(machine?.battery).toBeNull();
  expect(machine?.metered).toBe(false);
  expect(machine?.waking).toEqual({ packets: 2, by: 'home', why: '' });
});
