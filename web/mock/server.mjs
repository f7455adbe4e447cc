// A hub that plays a simulated fleet, for work on the cockpit and for its tests. It says on screen that it is simulated.
//   node mock/server.mjs [--port 7799] [--scene fleet|crowd|trouble|ready|bare] [--open] [--fast N]
// Serves web/dist, the session, tasks, the live feed, and what mock/desk.mjs plays. Without --open it asks for the key "mock". For tests:
// POST /mock/cut (drops the sockets), /mock/away?for=MS (refuses everything for a while), /mock/node?name=box&state=lost, /mock/signout,
// /mock/join?name=box (a machine comes).
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import { MockDesk } from './desk.mjs';
import { MockFleet } from './fleet.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
const tickMs = 100;

export async function startMock({ port = 0, scene = 'fleet', open = false, fast = 1, warmUpSeconds = 0, seed } = {}) {
  const sessions = new Set();
  const sockets = new Set();
  const began = Date.now();
  const clock = () => began + (Date.now() - began) * fast;
  const fleet = new MockFleet({ scene, seed, now: began - warmUpSeconds * 1000 });
  for (let at = fleet.now; at < began; at += tickMs) fleet.tick(at);
  fleet.changes();
  const desk = new MockDesk(fleet, { send: (...a) => send(...a), problem: (...a) => problem(...a) });
  let offset = 0;
  let awayUntil = 0;

  const known = (request) => open || sessions.has(/flotte_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]);
  const send = (reply, status, value, headers = {}) => {
    reply.writeHead(status, { 'content-type': 'application/json', ...headers });
    reply.end(value === undefined ? '' : JSON.stringify(value));
  };
  const problem = (reply, status, code, message, hint = '') => send(reply, status, { error: { code, message, hint } });

  async function session(request, reply) {
    const me = { name: 'admin', scopes: ['admin'], hub: fleet.hub.name };
    if (request.method === 'GET') return known(request) ? send(reply, 200, me) : problem(reply, 401, 'unauthenticated', 'no session');
    if (request.method === 'DELETE') {
      sessions.clear();
      return send(reply, 204, undefined, { 'set-cookie': 'flotte_session=; Path=/; Max-Age=0' });
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const { key, code } = JSON.parse(body);
    if (key !== 'mock' && code !== 'once') return problem(reply, 401, 'unauthenticated', 'no such key');
    const id = Math.random().toString(36).slice(2);
    sessions.add(id);
    send(reply, 201, me, { 'set-cookie': `flotte_session=${id}; HttpOnly; SameSite=Strict; Path=/` });
  }

  function task(request, reply, id, verb) {
    const story = fleet.stories.get(id);
    if (!story) return problem(reply, 404, 'not_found', `no task '${id}'`);
    if (request.method === 'GET' && !verb) return send(reply, 200, { ...story.task, attempts: story.attempts, input: story.input });
    problem(reply, 409, 'conflict', 'a simulated task cannot be changed');
  }

  function list(url, reply) {
    const states = (url.searchParams.get('state') ?? '').split(',');
    const found = [...fleet.stories.values()].map((s) => s.task).filter((t) => states.includes(t.state));
    send(reply, 200, { items: found.reverse().slice(0, Number(url.searchParams.get('limit') ?? 100)), next: null });
  }

  function control(url, reply) {
    const what = url.pathname.slice('/mock/'.length);
    if (what === 'cut') for (const socket of sockets) socket.terminate();
    if (what === 'signout') sessions.clear();
    if (what === 'away') {
      awayUntil = Date.now() + Number(url.searchParams.get('for'));
      for (const socket of sockets) socket.terminate();
    }
    if (what === 'join') fleet.join(url.searchParams.get('name'));
    if (what === 'node') fleet.setNode(url.searchParams.get('name'), url.searchParams.get('state'));
    send(reply, 200, { done: what });
  }

  async function file(path, reply) {
    const name = extname(path) ? normalize(path) : '/index.html';
    const bytes = await readFile(join(dist, name)).catch(() => null);
    if (!bytes) return problem(reply, 404, 'not_found', `no file ${name}`, 'npm run build');
    reply.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream', 'x-content-type-options': 'nosniff' });
    reply.end(bytes);
  }

  const server = createServer(async (request, reply) => {
    const url = new URL(request.url, 'http://mock');
    if (url.pathname.startsWith('/mock/')) return control(url, reply);
    if (Date.now() < awayUntil) return request.socket.destroy();
    if (!url.pathname.startsWith('/fleet/') && !url.pathname.startsWith('/v1/')) return file(url.pathname, reply);
    if (url.pathname === '/fleet/v1/session') return session(request, reply);
    if (!known(request)) return problem(reply, 401, 'unauthenticated', 'no session');
    if (await desk.answer(request, reply, url)) return;
    if (url.pathname === '/fleet/v1/tasks') return list(url, reply);
    const asked = /^\/fleet\/v1\/tasks\/(\w+)(?:\/(\w+))?$/.exec(url.pathname);
    if (asked) return task(request, reply, asked[1], asked[2]);
    problem(reply, 404, 'not_found', `the mock has no ${url.pathname}`);
  });

  const live = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (Date.now() < awayUntil) return socket.destroy();
    if (!known(request)) return socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
    live.handleUpgrade(request, socket, head, (ws) => {
      sockets.add(ws);
      ws.on('close', () => sockets.delete(ws));
      ws.send(JSON.stringify({ type: 'snapshot', offset, ...fleet.snapshot() }));
    });
  });

  const timer = setInterval(() => {
    for (let step = 0; step < fast; step++) fleet.tick(fleet.now + tickMs);
    fleet.now = clock();
    const text = JSON.stringify({ type: 'changes', offset: ++offset, items: fleet.changes() });
    for (const socket of sockets) socket.send(text);
  }, tickMs);

  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}`;
  const stop = async () => {
    clearInterval(timer);
    for (const socket of sockets) socket.terminate();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url, fleet, stop };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '7799' }, scene: { type: 'string', default: 'fleet' }, open: { type: 'boolean', default: false }, fast: { type: 'string', default: '1' } },
  });
  const mock = await startMock({ port: Number(values.port), scene: values.scene, open: values.open, fast: Number(values.fast) });
  console.log(`a simulated fleet: ${mock.url}/${values.open ? '' : '#key=mock'}`);
}
