#!/usr/bin/env node
// server.mjs [--port N] [--host IP] [--key KEY] [--scenario NAME] [--only DIALECT]: a simulated provider that speaks every dialect as the real APIs do.
//
//   /openai/v1     chat completions, completions, embeddings, models       /responses/v1  Responses, embeddings, models
//   /mistral/v1    the same with Mistral's rules                           /anthropic     /v1/messages, count_tokens, models
//   /gemini        /v1beta/models/...                                      /ollama        /api/...
//
// With --only that dialect also stands at /, as at its vendor's own address.
// GET /log answers {requests: [...]}, what it received and what became of it; DELETE /log forgets. POST /control/default {scenario}.
import http from 'node:http';
import { anthropic } from './anthropic.mjs';
import { gemini } from './gemini.mjs';
import { ollama } from './ollama.mjs';
import { mistral, openai } from './openai.mjs';
import { responses } from './responses.mjs';
import { Refusal } from './shapes.mjs';

const dialects = { openai, responses, mistral, anthropic, gemini, ollama };
const arguments_ = Object.fromEntries(process.argv.slice(2).flatMap((word, n, all) => (n % 2 === 0 ? [[word.replace(/^--/, ''), all[n + 1]]] : [])));

class Provider {
  requests = [];
  counts = new Map();
  number = 0;
  fallback = arguments_.scenario ?? 'text';
  key = arguments_.key;

  count(name) {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    return this.counts.get(name);
  }

  begin(dialect, req, res, url, body) {
    const entry = { number: ++this.number, dialect: dialect.name, method: req.method, path: url.pathname, query: Object.fromEntries(url.searchParams),
      headers: req.headers, from: req.socket.remoteAddress, at_ms: Date.now(), state: 'running', status: null, notes: [] };
    this.requests.push(entry);
    res.once('close', () => (entry.state = entry.state === 'running' ? 'gone' : entry.state));
    const done = () => (entry.state = 'done');
    return { provider: this, entry, req, res, url, body, done, note: (words) => entry.notes.push(words) };
  }
}

async function answer(provider, req, res) {
  const url = new URL(req.url, 'http://simulated');
  const body = Buffer.concat(await Array.fromAsync(req));
  res.setHeader('x-simulated', 'scripted provider');
  const [, first] = url.pathname.split('/');
  if (first === 'log' || first === 'control') return control(provider, req, res, url, body);
  const dialect = dialects[first] ?? dialects[arguments_.only];
  if (!dialect) return json(res, 404, { error: { message: `simulated: no dialect at ${url.pathname}` } });
  if (dialects[first]) url.pathname = url.pathname.slice(first.length + 1);
  const exchange = provider.begin(dialect, req, res, url, body);
  res.setHeader('x-request-id', `sim-${exchange.entry.number}`);
  try {
    const route = dialect.routes.find(({ method, path }) => method === req.method && path.test(url.pathname));
    if (!route) throw new Refusal(404, 'not_found', `Unknown request URL: ${req.method} ${url.pathname}.`);
    dialect.authorise(exchange, provider.key);
    exchange.match = route.path.exec(url.pathname);
    if (req.method === 'POST') exchange.entry.body = exchange.json = parse(body);
    await route.handle(exchange);
  } catch (problem) {
    if (!(problem instanceof Refusal)) console.error(problem);
    const refusal = problem instanceof Refusal ? problem : new Refusal(500, 'server', `simulated provider: ${problem.message}`);
    const { status, body: shape, headers } = dialect.error(refusal, exchange);
    Object.assign(exchange.entry, { status, refused: refusal.message, state: 'done' });
    if (!res.headersSent) json(res, status, shape, { ...headers, ...refusal.headers });
  }
}

function parse(body) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, 'invalid', 'We could not parse the JSON body of your request.');
  }
}

function json(res, status, body, headers = {}) {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
}

function control(provider, req, res, url, body) {
  if (url.pathname.endsWith('/log')) {
    if (req.method === 'DELETE') provider.requests.length = 0;
    return json(res, 200, { requests: provider.requests });
  }
  if (url.pathname === '/control/default') provider.fallback = parse(body).scenario;
  return json(res, 200, { simulated: true, scenario: provider.fallback });
}

const provider = new Provider();
const server = http.createServer({ noDelay: true }, (req, res) => answer(provider, req, res).catch((problem) => (console.error(problem), res.destroy())));
server.listen(Number(arguments_.port ?? 0), arguments_.host ?? '127.0.0.1', () => {
  console.log(`scripted provider, simulated: http://${arguments_.host ?? '127.0.0.1'}:${server.address().port}`);
});
process.on('SIGTERM', () => process.exit(0));
