// Ollama's own API: chat, generate, embed, tags, show, ps, version; lines of JSON. Unknown fields are ignored as Ollama does, but noted in the log.
import { embed, embedder, names } from './models.mjs';
import { compatibleRoutes, openaiError, reply } from './openai.mjs';
import { Play } from './play.mjs';
import { fragments, pieces } from './scenario.mjs';
import { any, at, either, flag, integer, isObject, list, map, number, object, Refusal, text, word } from './shapes.mjs';

const refuse = (message) => {
  throw new Refusal(400, 'invalid', message);
};
const saying = (exchange) => ({
  at,
  null_is_absent: true,
  wrong: (path, expected, value) => refuse(`json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go struct field ChatRequest.${path} of type ${expected}`),
  unknown: (path, key) => exchange.note(`unknown field: ${at(path, key)}`),
  missing: (path, key) => refuse(`${at(path, key)} is required`),
  refuse: (path, message) => refuse(`${path}: ${message}`),
});

const image = (value, path, say) => {
  text(value, path, say);
  if (!/^[A-Za-z0-9+/]+=*$/.test(value)) refuse(`illegal base64 data at input byte ${value.search(/[^A-Za-z0-9+/]/)}`);
};
const call = object({ id: text, 'function!': object({ index: integer(0), 'name!': text, 'arguments!': map }) });
const message = object({ 'role!': word('system', 'user', 'assistant', 'tool'), content: text, thinking: text, images: list(image), tool_calls: list(call), tool_name: text, tool_call_id: text });
const tool = object({ 'type!': word('function'), 'function!': object({ 'name!': text, description: text, parameters: map, strict: flag }) });
const options = object({ num_keep: integer(), seed: integer(), num_predict: integer(), top_k: integer(), top_p: number(), min_p: number(), typical_p: number(), repeat_last_n: integer(), temperature: number(), repeat_penalty: number(),
  presence_penalty: number(), frequency_penalty: number(), stop: list(text), num_ctx: integer(), num_batch: integer(), num_gpu: integer(), main_gpu: integer(), use_mmap: flag, num_thread: integer(), draft_num_predict: integer() });
const format = either([(v) => v === '' || v === 'json', any], [isObject, map]);
const think = either([(v) => typeof v === 'boolean', any], [(v) => typeof v === 'string', word('low', 'medium', 'high', 'max')]);
const keepAlive = either([(v) => typeof v === 'string' || typeof v === 'number', any]);
const shared = { 'model!': text, stream: flag, format, options, keep_alive: keepAlive, think, truncate: flag, shift: flag, logprobs: flag, top_logprobs: integer(0), width: integer(), height: integer(), steps: integer() };
const chatShape = object({ ...shared, messages: list(message), tools: list(tool) });
const generateShape = object({ ...shared, prompt: text, suffix: text, system: text, template: text, context: any, raw: flag, images: list(image) });
const embedShape = object({ 'model!': text, 'input!': either([(v) => typeof v === 'string', text], [Array.isArray, list(text)]), truncate: flag, dimensions: integer(1), options, keep_alive: keepAlive });
const oldShape = object({ 'model!': text, 'prompt!': text, options, keep_alive: keepAlive });

const bytes = (images) => (images ?? []).map((data) => ({ media: 'image', bytes: Buffer.from(data, 'base64') }));
const base = (body) => ({ model: body.model, stream: body.stream ?? true, system: body.system ?? '', tools: [], choice: 'auto', results: [], images: bytes(body.images), stop: [body.options?.stop ?? []].flat(), max: body.options?.num_predict,
  schema: isObject(body.format) ? body.format : undefined, json: body.format === 'json', thinks: Boolean(body.think) });

function seeChat(body) {
  const messages = body.messages ?? [];
  const last = messages.findLastIndex((m) => m.role === 'assistant');
  return { ...base(body),
    system: messages.filter((m) => m.role === 'system').map((m) => m.content).join('\n'),
    user: messages.findLast((m) => m.role === 'user')?.content ?? '',
    turns: messages.length,
    tools: (body.tools ?? []).map(({ function: f }) => ({ name: f.name, schema: f.parameters })),
    results: messages.slice(last + 1).filter((m) => m.role === 'tool').map((m) => ({ name: m.tool_name, text: m.content, images: bytes(m.images) })),
    images: messages.flatMap((m) => bytes(m.images)),
    history: messages.flatMap((m) => m.tool_calls ?? []).map((c) => ({ name: c.function.name, args: c.function.arguments })) };
}

const line = (value) => `${JSON.stringify(value)}\n`;
const reasons = { end: 'stop', stop: 'stop', calls: 'stop', length: 'length', refused: 'stop' };
const ended = ({ usage, stop }) => ({ done: true, done_reason: reasons[stop], total_duration: 90_000_000, load_duration: 1_000_000, prompt_eval_count: usage.input, prompt_eval_duration: 30_000_000, eval_count: usage.output, eval_duration: 50_000_000 });
const head = ({ model }) => ({ model, created_at: '2026-11-21T12:00:00.123456789Z' });
const calls = (answer) => answer.calls.map(({ id, name, args }, index) => ({ id, function: { index, name, arguments: args } }));

const chat = {
  prefix: 'call_',
  type: () => 'application/x-ndjson',
  whole: (answer, context) => ({ ...head(context), message: { role: 'assistant', content: answer.text ?? answer.refusal ?? '', ...(answer.thinking ? { thinking: answer.thinking.text } : {}), ...(answer.calls.length > 0 ? { tool_calls: calls(answer) } : {}) }, ...ended(answer) }),
  events: (answer, context) => {
    const part = (more) => line({ ...head(context), message: { role: 'assistant', content: '', ...more }, done: false });
    return [...pieces(answer.thinking?.text ?? '').map((thinking) => part({ thinking })), ...pieces(answer.text ?? answer.refusal ?? '').map((content) => part({ content })),
      ...calls(answer).map((one) => part({ tool_calls: [one] })), line({ ...head(context), message: { role: 'assistant', content: '' }, ...ended(answer) })];
  },
  error_event: (refusal) => line({ error: refusal.message }),
};
const generate = { ...chat,
  whole: (answer, context) => ({ ...head(context), response: answer.text ?? answer.refusal ?? '', ...(answer.thinking ? { thinking: answer.thinking.text } : {}), ...ended(answer), context: [1, 2, 3] }),
  events: (answer, context) => [...pieces(answer.thinking?.text ?? '').map((thinking) => line({ ...head(context), response: '', thinking, done: false })),
    ...fragments(answer.text ?? answer.refusal ?? '').map((response) => line({ ...head(context), response, done: false })), line({ ...head(context), response: '', ...ended(answer), context: [1, 2, 3] })] };

const card = (name) => ({ name: `${name}:latest`, model: `${name}:latest`, modified_at: '2026-11-21T12:00:00.123456789Z', size: 4_683_075_271, digest: '0'.repeat(64),
  details: { parent_model: '', format: 'gguf', family: 'llama', families: ['llama'], parameter_size: '8.0B', quantization_level: 'Q4_K_M' } });

export const ollama = { name: 'ollama', error: (refusal, exchange) => (exchange?.url.pathname.startsWith('/v1') ? openaiError(refusal) : { status: refusal.status, headers: {}, body: { error: refusal.message } }), authorise: () => {} };
const post = (path, shape, handle) => ({ method: 'POST', path, handle: (exchange) => {
  shape(exchange.json, '', saying(exchange));
  return handle(exchange, exchange.json);
} });
const vectors = { total_duration: 14_000_000, load_duration: 1_000_000 };
ollama.routes = [
  ...compatibleRoutes(ollama),
  post(/^\/api\/chat$/, chatShape, (exchange, body) => new Play(exchange, ollama, seeChat(body), chat).run()),
  post(/^\/api\/generate$/, generateShape, (exchange, body) => new Play(exchange, ollama, { ...base(body), user: body.prompt ?? '' }, generate).run()),
  post(/^\/api\/embed$/, embedShape, (exchange, { model, input, dimensions }) => {
    const texts = [input].flat();
    reply(exchange, { model, embeddings: texts.map((one) => embed(one, dimensions)), ...vectors, prompt_eval_count: 5 * texts.length });
  }),
  post(/^\/api\/embeddings$/, oldShape, (exchange, { prompt }) => reply(exchange, { embedding: embed(prompt) })),
  post(/^\/api\/show$/, object({ model: text, name: text, verbose: flag, system: text, template: text, options: map }), (exchange, body) => {
    const name = (body.model ?? body.name ?? '').replace(/:latest$/, '');
    if (![...names, embedder].includes(name)) throw new Refusal(404, 'not_found', `model '${name}' not found`);
    reply(exchange, { license: '', modelfile: `FROM ${name}`, parameters: 'stop "<|end|>"', template: '{{ .Prompt }}', details: card(name).details,
      model_info: { 'general.architecture': 'llama', 'llama.context_length': 8192 }, capabilities: name === embedder ? ['embedding'] : ['completion', 'tools', 'vision', 'thinking'], modified_at: card(name).modified_at });
  }),
  { method: 'GET', path: /^\/api\/tags$/, handle: (exchange) => reply(exchange, { models: [...names, embedder].map(card) }) },
  { method: 'GET', path: /^\/api\/ps$/, handle: (exchange) => reply(exchange, { models: [{ ...card(names[0]), expires_at: '2026-11-21T12:05:00Z', size_vram: 4_000_000_000, context_length: 8192 }] }) },
  { method: 'GET', path: /^\/api\/version$/, handle: (exchange) => reply(exchange, { version: '0.12.0-simulated' }) },
  { method: 'GET', path: /^\/$/, handle: (exchange) => (exchange.done(), exchange.res.end('Ollama is running')) },
];
