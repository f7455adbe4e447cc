// What a person does from the page, played: models, providers, questions, invitations, batches. The key "wrong" is refused.
import { createHash } from 'node:crypto';

const models = (n) => ['large', 'small', 'vision', 'audio'].slice(0, n);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const bytesOf = async (request) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
};

export class MockDesk {
  constructor(fleet, { send, problem }) {
    Object.assign(this, { fleet, send, problem, providers: [], blobs: new Map(), items: new Map() });
  }

  /** True where it has answered. */
  async answer(request, reply, url) {
    const handlers = [
      ['GET /fleet/v1/models', () => this.send(reply, 200, { items: this.models(), next: null })],
      ['GET /fleet/v1/providers', () => this.send(reply, 200, { items: this.providers, next: null })],
      ['POST /fleet/v1/providers', () => this.addProvider(request, reply)],
      ['DELETE /fleet/v1/providers/(.+)', (name) => this.removeProvider(reply, name)],
      ['POST /v1/chat/completions', () => this.chat(request, reply)],
      ['POST /fleet/v1/invites', () => this.invite(reply)],
      ['PUT /fleet/v1/blobs/(\\w+)', (hash) => this.putBlob(request, reply, hash)],
      ['POST /fleet/v1/batches', () => this.createBatch(request, reply)],
      ['GET /fleet/v1/batches/(\\w+)', (id) => this.send(reply, 200, this.fleet.batches.get(id))],
      ['POST /fleet/v1/batches/(\\w+)/items', (id) => this.addItems(request, reply, id)],
      ['GET /fleet/v1/batches/(\\w+)/items', (id) => this.listItems(reply, id, url)],
      ['POST /fleet/v1/batches/(\\w+)/seal', (id) => this.seal(reply, id)],
    ];
    for (const [pattern, handle] of handlers) {
      const found = new RegExp(`^${pattern}$`).exec(`${request.method} ${url.pathname}`);
      if (!found) continue;
      await handle(...found.slice(1));
      return true;
    }
    return false;
  }

  models() {
    const engines = [...new Set([...this.fleet.nodes.values()].flatMap((n) => n.engines.filter((e) => e.state === 'ready').flatMap((e) => e.models.map((m) => [m, `${e.name}@${n.name}/${m}`]))))];
    const rows = engines.map(([id, target]) => ({ id, kind: 'engine', targets: [target], why: 'model of an engine', context_tokens: 4096, demonstration: true, price: null, local: true }));
    for (const p of this.providers) for (const m of models(p.models)) rows.push({ id: `${p.name}/${m}`, kind: 'provider', targets: [`${p.name}/${m}`], why: 'simulated', context_tokens: 0, demonstration: false, price: { input: '0.25', cached_input: '0.03', output: '2.00' }, local: false });
    if (rows.length === 0) return [];
    return [{ ...rows[0], id: 'default', kind: 'default' }, ...rows];
  }

  async addProvider(request, reply) {
    const { vendor, base_url, api_key } = JSON.parse(await bytesOf(request));
    await pause(250);
    if (api_key === 'wrong') return this.problem(reply, 422, 'unprocessable', `${vendor ?? base_url} refuses the key (401)`, 'copy it again from the provider’s page; it may have been revoked');
    const name = vendor ?? new URL(base_url).hostname.replaceAll('.', '-');
    const provider = { name, dialect: 'openai', base_url: base_url ?? `https://api.${vendor}.example/v1`, source: 'stored', state: 'on', reason: null, models: 4 };
    this.providers.push(provider);
    this.send(reply, 201, { ...provider, warnings: base_url?.startsWith('http:') ? ['the key crosses the network in plain text'] : [] });
  }

  removeProvider(reply, name) {
    const provider = this.providers.find((p) => p.name === name);
    if (!provider) return this.problem(reply, 404, 'not_found', `no provider '${name}'`);
    this.providers = this.providers.filter((p) => p !== provider);
    this.send(reply, 200, provider);
  }

  async chat(request, reply) {
    const { model } = JSON.parse(await bytesOf(request));
    const target = this.models().find((m) => m.id === model)?.targets[0];
    if (!target) return this.send(reply, 404, { error: { message: `no model '${model}'`, type: 'not_found' } });
    reply.writeHead(200, { 'content-type': 'text/event-stream', 'x-flotte-target': target });
    const words = 'This answer is simulated. A fleet of machines reads your documents side by side, keeps your coding agents busy, and asks whichever model is free.'.split(/(?= )/);
    for (const word of words) {
      reply.write(`data: ${JSON.stringify({ choices: [{ delta: { content: word } }] })}\n\n`);
      await pause(15);
    }
    reply.write(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 14, completion_tokens: words.length } })}\n\n`);
    reply.end('data: [DONE]\n\n');
  }

  invite(reply) {
    const join = 'https://attic.example:7700#K7QF-2M9T.pX3vQmB0c1Zr8sYt6uWnE4hJdLkA2oCf5gIiRwHyTzU';
    const command = `curl -fsS --cacert /dev/null '${join.split('#')[0]}/join' | sh -s -- '${join}'`;
    this.send(reply, 201, { join, pin: 'pX3vQmB0c1Zr8sYt6uWnE4hJdLkA2oCf5gIiRwHyTzU', command, expires_at: new Date(Date.now() + 600_000).toISOString() });
  }

  async putBlob(request, reply, hash) {
    const bytes = await bytesOf(request);
    if (createHash('sha256').update(bytes).digest('hex') !== hash) return this.problem(reply, 422, 'unprocessable', 'the bytes have another hash');
    this.blobs.set(hash, bytes);
    this.send(reply, 201, { id: hash, bytes: bytes.length });
  }

  async createBatch(request, reply) {
    const batch = this.fleet.openBatch(JSON.parse(await bytesOf(request)).title);
    this.items.set(batch.id, []);
    this.send(reply, 201, batch);
  }

  async addItems(request, reply, id) {
    const [batch, items] = [this.fleet.batches.get(id), this.items.get(id)];
    for (const line of (await bytesOf(request)).toString().trim().split('\n')) {
      const { index, name, task } = JSON.parse(line);
      if (!this.blobs.has(task.input.blob)) return this.problem(reply, 404, 'not_found', `no blob '${task.input.blob}'`);
      items[index] = { index, name, task: this.fleet.addItem(batch, name) };
    }
    this.send(reply, 200, { added: items.length, skipped: 0, next_index: items.length });
  }

  listItems(reply, id, url) {
    const all = (this.items.get(id) ?? []).map((item) => ({ ...item, task: this.fleet.stories.get(item.task).task }));
    const after = url.searchParams.get('ended_after');
    if (after === null) return this.send(reply, 200, { items: all, next: null });
    const ended = all.filter((i) => i.task.ended_at).sort((a, b) => (a.task.ended_at < b.task.ended_at ? -1 : 1));
    this.send(reply, 200, { items: ended.slice(Number(after)), next: String(ended.length) });
  }

  seal(reply, id) {
    const batch = this.fleet.batches.get(id);
    if (batch.state === 'open') batch.state = 'running';
    this.fleet.touch('batch', id);
    this.send(reply, 200, batch);
  }
}
