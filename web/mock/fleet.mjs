// A simulated fleet: machines, workers, a batch of documents. It advances in ticks and tells which things changed.
import { chance } from './chance.mjs';
import { documents, pieces } from './documents.mjs';

const noUsage = () => ({ input_tokens: 0, cached_tokens: 0, output_tokens: 0, cost_usd: '0.00' });
const iso = (ms) => new Date(ms).toISOString();

const host = (hostname, cpus, memory_mb, labels = []) => ({ hostname, os: 'Debian 12', arch: 'amd64', version: '0.1.0', cpus, memory_mb, labels });
const engine = (name, model, slots, more = {}) => ({
  name, kind: 'llama-server', state: 'ready', models: [model], slots, context_tokens: 4096, demonstration: true, ...more,
});
const worker = (node, name, slots, more = {}) => ({
  id: `${name}@${node}`, node, name, kind: 'model', model: name, slots, labels: [], exclusive: false, state: 'idle', activities: [], done: 0, failed: 0, ...more,
});

/** What a machine of that size might have measured. */
function capacityOf(host) {
  return {
    measured_at: null, cores: host.cpus, memory_mb: host.memory_mb, memory_available_mb: host.memory_mb / 2, disk_mb: 500_000, disk_free_mb: 200_000, gpus: [], power: 'mains',
    battery_percent: null, metered: null, agents: [], networks: [], labels: ['mains'],
  };
}

/** Scenes: "fleet" (home and two nodes), "crowd" (many workers), "trouble" (a lost node, a failed engine), "ready" (no work), "bare" (no engine). */
export class MockFleet {
  constructor({ scene = 'fleet', seed = 7, now = Date.now() } = {}) {
    this.luck = chance(seed);
    this.scene = scene;
    this.now = now;
    this.hub = { name: 'attic', version: '0.1.0', started_at: iso(now - 3_600_000), simulated: true };
    this.nodes = new Map();
    this.workers = new Map();
    this.batches = new Map();
    this.tasks = new Map();
    this.stories = new Map(); // task id -> attempts, result
    this.waiting = []; // tasks to be started: {id, document}
    this.runs = []; // {task, worker, engine, pieces, at, ...}
    this.changed = new Map();
    this.ended = []; // times at which tasks succeeded
    this.tokens = []; // [time, number] written
    this.next = { task: 1, batch: 1, fence: 1 };
    this.build();
  }

  build() {
    this.addNode('n1', 'attic', host('attic', 4, 15_800), [], true);
    if (this.scene === 'bare') return;
    this.addNode('n2', 'box', host('box', 16, 64_100, ['gpu']), [engine('llama', 'samples-large', 4)]);
    this.addNode('n3', 'den', host('den', 8, 31_900), [engine('llama', 'samples-small', 2)]);
    this.addWorker(worker('attic', 'samples-large', 4));
    this.addWorker(worker('attic', 'samples-small', 2));
    this.addWorker(worker('den', 'shell', 1, { kind: 'command', model: '' }));
    if (this.scene === 'crowd') this.addCrowd();
    if (this.scene === 'trouble') this.addTrouble();
    if (this.scene !== 'ready') this.startBatch();
  }

  addCrowd() {
    for (let i = 1; i <= 4; i++) {
      const name = `rack-${i}`;
      this.addNode(`n${10 + i}`, name, host(name, 32, 128_000, ['gpu']), [engine('vision', 'mistral-small', 6, { demonstration: false }), engine('ollama', 'qwen3', 4, { kind: 'ollama', demonstration: false })]);
    }
    for (const name of ['mistral-small', 'qwen3']) this.addWorker(worker('attic', name, name === 'qwen3' ? 16 : 24));
  }

  addTrouble() {
    this.addNode('n4', 'laptop', host('laptop', 8, 15_900), [], false, 'lost');
    this.addWorker(worker('laptop', 'claude', 1, { kind: 'agent', model: '', state: 'away' }));
    const den = this.nodes.get('n3');
    den.engines[0].state = 'failed';
    den.engines[0].message =
      "llama-server ended with status 1 (4 starts in 2 minutes, next try in 60 s)\nload_model: loading model '/models/samples-small.gguf'\ngguf_init_from_file: failed to open GGUF file (No such file or directory)\nsrv  load_model: failed to load model";
  }

  addNode(id, name, hostInfo, engines, home = false, state = 'linked') {
    this.nodes.set(id, { id, name, state, epoch: 1, home, host: hostInfo, load: 0.2, seen_at: iso(this.now - (state === 'lost' ? 754_000 : 0)), engines, capacity: capacityOf(hostInfo), seen: [], wake: false, waking: null });
    this.touch('node', id);
  }

  addWorker(w) {
    this.workers.set(w.id, { origin: 'node', message: null, ...w });
    this.touch('worker', w.id);
  }

  touch(kind, id) {
    this.changed.set(`${kind} ${id}`, { kind, id });
  }

  /** An open batch of the page's own. */
  openBatch(title) {
    const id = `b${this.next.batch++}`;
    const counts = { queued: 0, offered: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, cancelled: 0 };
    const batch = { id, title, state: 'open', total: 0, counts, usage: noUsage(), created_at: iso(this.now), ended_at: null };
    this.batches.set(id, batch);
    this.touch('batch', id);
    return batch;
  }

  /** One more item of an open batch; gives its task. */
  addItem(batch, name) {
    const id = this.addTask(batch.id, { name, lang: /\.(de|ja)\./.exec(name)?.[1] ?? 'en' });
    batch.total++;
    batch.counts.queued++;
    this.touch('batch', batch.id);
    return id;
  }

  join(name) {
    this.addNode(`n-${name}`, name, host(name, 16, 64_100, ['gpu']), []);
  }

  startBatch() {
    const id = `b${this.next.batch++}`;
    const total = this.scene === 'crowd' ? 400 : 56;
    const counts = { queued: total, offered: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, cancelled: 0 };
    this.batches.set(id, { id, title: `samples: summarise in three sentences`, state: 'running', total, counts, usage: noUsage(), created_at: iso(this.now), ended_at: null });
    for (let i = 0; i < total; i++) this.addTask(id, documents[i % documents.length]);
    this.touch('batch', id);
  }

  addTask(batch, document) {
    const id = `t${this.next.task++}`;
    const task = {
      id, kind: 'document', title: document.name, state: 'queued', reason: null, batch, project: null, owner: 'admin', flow: 'f1', priority: 2, labels: [], attempt: 0,
      node: null, worker: null, model: null, target: null, retry_of: null, created_at: iso(this.now), started_at: null, ended_at: null, usage: noUsage(), error: null, result: null,
    };
    this.stories.set(id, { task, attempts: [], input: { name: document.name, blob: '0'.repeat(64), prompt: 'Summarise in three sentences.' } });
    this.waiting.push({ id, document });
    return id;
  }

  counts() {
    const seconds = 5;
    this.tokens = this.tokens.filter(([at]) => this.now - at < seconds * 1000);
    this.ended = this.ended.filter((at) => this.now - at < 60_000);
    return {
      queued: this.waiting.length, offered: 0, running: this.runs.length, waiting: this.scene === 'trouble' ? 3 : 0, done_per_minute: this.ended.length,
      output_tokens_per_second: this.tokens.reduce((sum, [, n]) => sum + n, 0) / seconds, cost_usd: this.scene === 'crowd' ? '1.8342' : '0.00',
    };
  }

  value({ kind, id }) {
    if (kind === 'counts') return this.counts();
    return { node: this.nodes, worker: this.workers, batch: this.batches, task: this.tasks }[kind].get(id) ?? null;
  }

  snapshot() {
    const all = [['node', this.nodes], ['worker', this.workers], ['batch', this.batches], ['task', this.tasks]];
    // As from a hub: what has ended is not in a snapshot.
    const items = all.flatMap(([kind, table]) => [...table].map(([id, value]) => ({ kind, id, value }))).filter((i) => !i.value.ended_at || i.kind !== 'task');
    return { hub: { ...this.hub, now: iso(this.now) }, items: [...items, { kind: 'counts', id: 'fleet', value: this.counts() }] };
  }

  /** The things that changed since the last call. */
  changes() {
    const items = [...this.changed.values()].map((item) => ({ ...item, value: this.value(item) }));
    this.changed.clear();
    return items;
  }

  tick(now) {
    const seconds = (now - this.now) / 1000;
    this.now = now;
    for (const run of [...this.runs]) this.advance(run, seconds);
    for (const w of this.workers.values()) if (w.kind === 'model') this.fill(w);
    this.machines(seconds);
    for (const [id, task] of this.tasks) {
      if (task.ended_at && now - Date.parse(task.ended_at) > 60_000) {
        this.tasks.delete(id);
        this.touch('task', id);
      }
    }
    if (this.waiting.length === 0 && this.runs.length === 0 && this.scene !== 'ready' && this.scene !== 'bare') this.startBatch();
    this.touch('counts', 'fleet');
  }

  machines(seconds) {
    for (const node of this.nodes.values()) {
      if (node.state !== 'linked') continue;
      const busy = this.runs.filter((r) => r.engine?.node === node.name || r.worker.node === node.name).length;
      const wanted = node.home ? 0.3 + busy * 0.08 : busy * 0.9;
      node.load = Math.max(0.02, node.load + (wanted - node.load) * Math.min(1, seconds / 20));
      if (this.now - Date.parse(node.seen_at) > 2500) {
        node.seen_at = iso(this.now);
        this.touch('node', node.id);
      }
    }
  }

  engineFor(model) {
    const able = [...this.nodes.values()]
      .filter((n) => n.state === 'linked')
      .flatMap((n) => n.engines.filter((e) => e.state === 'ready' && e.models.includes(model)).map((e) => ({ node: n.name, name: e.name, slots: e.slots })));
    const used = (e) => this.runs.filter((r) => r.engine?.node === e.node && r.engine?.name === e.name).length;
    return able.filter((e) => used(e) < e.slots).sort((a, b) => used(a) / a.slots - used(b) / b.slots)[0];
  }

  fill(w) {
    while (w.activities.length < w.slots && this.waiting.length > 0) {
      const found = this.engineFor(w.model);
      if (!found) return;
      this.begin(w, found, this.waiting.shift());
    }
  }

  begin(w, found, { id, document }) {
    const story = this.stories.get(id);
    const attempt = story.attempts.length + 1;
    Object.assign(story.task, { state: 'running', attempt, node: w.node, worker: w.name, model: w.model, started_at: iso(this.now) });
    story.attempts.push({ attempt, node: w.node, worker: w.name, outcome: 'running', message: '', started_at: iso(this.now), ended_at: null, usage: noUsage() });
    const activity = { task: id, title: document.name, fence: this.next.fence++, step: 'reading', target: '', tail: '', output_tokens: 0, progress: 0, since: iso(this.now) };
    w.activities.push(activity);
    w.state = 'busy';
    const parts = this.luck.whole(1, 5);
    this.runs.push({ id, document, w, worker: w, engine: found, story, activity, attempt, parts, part: 0, rest: [], text: '', spoken: 0, pause: this.luck.between(0.4, 1.6), speed: this.luck.between(14, 34) });
    this.batchCount(story.task, 'queued', 'running');
    this.tasks.set(id, story.task);
    this.touch('task', id);
    this.touch('worker', w.id);
  }

  advance(run, seconds) {
    const a = run.activity;
    this.touch('worker', run.w.id);
    run.pause -= seconds;
    if (run.pause > 0) return;
    if (run.rest.length === 0) {
      if (run.part > run.parts || (run.parts === 1 && run.part === 1)) return this.end(run);
      run.part++;
      const joining = run.part > run.parts;
      a.step = joining ? 'putting the parts together' : run.parts === 1 ? 'asking' : `part ${run.part} of ${run.parts}`;
      a.target = `${run.engine.name}@${run.engine.node}/${run.w.model}`;
      run.rest = pieces(run.document.lang, this.luck);
      run.length = run.rest.length;
      run.text = '';
      run.pause = this.luck.between(0.2, 0.8);
      return;
    }
    run.spoken += run.speed * seconds;
    const count = Math.min(run.rest.length, Math.floor(run.spoken));
    run.spoken -= count;
    run.text += run.rest.splice(0, count).join('');
    a.tail = run.text.slice(-120);
    a.output_tokens += count;
    this.tokens.push([this.now, count]);
    const rounds = run.parts === 1 ? 1 : run.parts + 1;
    a.progress = Math.min(1, (run.part - 1 + (1 - run.rest.length / run.length)) / rounds);
  }

  end(run, lost = false) {
    const { w, story, activity } = run;
    const failed = !lost && this.luck.next() < 0.05;
    const outcome = lost ? 'lost' : failed ? 'failed' : 'succeeded';
    const usage = { input_tokens: run.parts * 812, cached_tokens: 0, output_tokens: activity.output_tokens, cost_usd: '0.00' };
    this.runs = this.runs.filter((r) => r !== run);
    w.activities = w.activities.filter((x) => x !== activity);
    w.state = w.activities.length > 0 ? 'busy' : 'idle';
    Object.assign(story.attempts.at(-1), { outcome, ended_at: iso(this.now), usage, message: failed ? 'the document has no text layer' : lost ? `the link to ${run.engine.node} was lost` : '' });
    if (lost) return this.again(run);
    w[failed ? 'failed' : 'done']++;
    if (!failed) this.ended.push(this.now);
    Object.assign(story.task, {
      state: outcome, target: activity.target, ended_at: iso(this.now), usage,
      error: failed ? { code: 'unprocessable', message: 'the document has no text layer', hint: 'run it through OCR first' } : null,
      result: failed ? null : { text: run.text },
    });
    this.batchCount(story.task, 'running', outcome, usage);
    this.touch('task', run.id);
    this.touch('worker', w.id);
  }

  again(run) {
    Object.assign(run.story.task, { state: 'queued', node: null, worker: null, started_at: null });
    this.batchCount(run.story.task, 'running', 'queued');
    this.waiting.unshift({ id: run.id, document: run.document });
    this.tasks.delete(run.id);
    this.touch('task', run.id);
    this.touch('worker', run.w.id);
  }

  batchCount(task, from, to, usage) {
    const batch = this.batches.get(task.batch);
    batch.counts[from]--;
    batch.counts[to]++;
    if (usage) {
      batch.usage.input_tokens += usage.input_tokens;
      batch.usage.output_tokens += usage.output_tokens;
    }
    if (batch.counts.succeeded + batch.counts.failed + batch.counts.cancelled === batch.total) Object.assign(batch, { state: 'done', ended_at: iso(this.now) });
    this.touch('batch', batch.id);
  }

  /** A machine vanishes (or comes back): what its engines answered is tried again. */
  setNode(name, state) {
    const node = [...this.nodes.values()].find((n) => n.name === name);
    if (!node) return false;
    node.state = state;
    if (state === 'lost') for (const run of this.runs.filter((r) => r.engine.node === name)) this.end(run, true);
    this.touch('node', node.id);
    return true;
  }
}
