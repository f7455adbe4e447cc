// OpenAI's chat completions, legacy completions, embeddings and models; and Mistral's, which looks alike and has rules of its own.
import { embed, embedder, names } from './models.mjs';
import { chatEvents, chatWhole, completionEvents, completionWhole, mistralEvents, mistralWhole } from './openai_answers.mjs';
import { completionsRequest, embeddingsRequest, mistralRequest, chatRequest, checkMessages } from './openai_rules.mjs';
import { chatSeen } from './openai_seen.mjs';
import { Play } from './play.mjs';
import { isKey, Refusal } from './shapes.mjs';

const types = { auth: 'invalid_request_error', server: 'server_error', overloaded: 'service_unavailable_error', rate_limit: 'requests', insufficient_quota: 'insufficient_quota' };
const codes = { auth: 'invalid_api_key', rate_limit: 'rate_limit_exceeded', insufficient_quota: 'insufficient_quota', not_found: 'model_not_found' };

export function openaiError(refusal) {
  const { status, kind, message } = refusal;
  return { status, headers: {}, body: { error: { message, type: types[kind] ?? 'invalid_request_error', param: refusal.param ?? null, code: refusal.code ?? codes[kind] ?? null } } };
}

export function bearer({ req }, key) {
  const given = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
  if (!given) throw new Refusal(401, 'auth', "You didn't provide an API key.");
  if (key && !isKey(given, key)) throw new Refusal(401, 'auth', 'Incorrect API key provided.');
}

const sse = { type: () => 'text/event-stream; charset=utf-8', error_event: (refusal) => `data: ${JSON.stringify(openaiError(refusal).body)}\n\n` };

const chat = (dialect, check, writer, rules = {}) => async (exchange) => {
  check(exchange.json);
  checkMessages(exchange.json.messages, rules);
  await new Play(exchange, dialect, chatSeen(exchange.json), { ...sse, ...writer }).run();
};

async function completions(exchange) {
  completionsRequest(exchange.json);
  const { model, prompt, stream = false, stop = null, stream_options } = exchange.json;
  const seen = { model, stream, user: [prompt].flat().join('\n'), system: '', tools: [], results: [], images: [], choice: 'auto', stop: [stop ?? []].flat(), usage: stream_options?.include_usage };
  await new Play(exchange, openai, seen, { ...sse, whole: completionWhole, events: completionEvents }).run();
}

export async function embeddings(exchange) {
  embeddingsRequest(exchange.json);
  const { input, model, encoding_format: format = 'float', dimensions } = exchange.json;
  if (exchange.json.model.startsWith('status')) throw new Refusal(500, 'server', 'simulated 500');
  const texts = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  const data = texts.map((one, index) => {
    const vector = embed(typeof one === 'string' ? one : JSON.stringify(one), dimensions);
    return { object: 'embedding', index, embedding: format === 'base64' ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector };
  });
  reply(exchange, { id: `emb-sim${exchange.entry.number}`, object: 'list', data, model, usage: { prompt_tokens: 5 * texts.length, completion_tokens: 0, total_tokens: 5 * texts.length } });
}

export function reply(exchange, body) {
  exchange.entry.status = 200;
  exchange.done();
  exchange.res.writeHead(200, { 'content-type': 'application/json' });
  exchange.res.end(JSON.stringify(body));
}

const card = (id) => ({ id, object: 'model', created: 1763712000, owned_by: 'simulated' });
export const listModels = (exchange) => reply(exchange, { object: 'list', data: [...names, embedder].map(card) });
export function showModel(exchange) {
  const id = decodeURIComponent(exchange.match[1]);
  if (![...names, embedder].includes(id)) throw new Refusal(404, 'not_found', `The model '${id}' does not exist`);
  reply(exchange, card(id));
}
export const modelRoutes = [
  { method: 'GET', path: /^\/v1\/models$/, handle: listModels },
  { method: 'GET', path: /^\/v1\/models\/(.+)$/, handle: showModel },
];

export const openai = { name: 'openai', error: openaiError, authorise: bearer };
/** Of OpenAI, and of others who speak its API beside their own. */
export const compatibleRoutes = (dialect) => [
  { method: 'POST', path: /^\/v1\/chat\/completions$/, handle: chat(dialect, chatRequest, { whole: chatWhole, events: chatEvents, prefix: 'call_' }) },
  { method: 'POST', path: /^\/v1\/completions$/, handle: completions },
  { method: 'POST', path: /^\/v1\/embeddings$/, handle: embeddings },
  ...modelRoutes,
];
openai.routes = compatibleRoutes(openai);

/** Mistral answers a wrong field with 422 and a list of what is wrong. */
function mistralError(refusal) {
  const { status, kind, message, param } = refusal;
  if (kind === 'invalid' && status === 400 && param !== undefined)
    return { status: 422, headers: {}, body: { object: 'error', message: { detail: [{ type: refusal.code ?? 'value_error', loc: ['body', ...String(param).split('.')], msg: message }] }, type: 'invalid_request_error', param: null, code: null } };
  return { status, headers: {}, body: { object: 'error', message, type: kind === 'rate_limit' ? 'rate_limited' : kind === 'invalid' ? 'invalid_request_message_order' : kind, param: null, code: String(status) } };
}
/** With what Mistral's clients tell its models apart by. */
const mistralCard = (id) => ({ ...card(id), name: id, description: 'simulated', max_context_length: 131072, aliases: [], deprecation: null, type: 'base',
  capabilities: { completion_chat: id !== embedder, completion_fim: false, function_calling: true, fine_tuning: false, vision: true, classification: false } });

export const mistral = { name: 'mistral', error: mistralError, authorise: bearer };
mistral.routes = [
  { method: 'POST', path: /^\/v1\/chat\/completions$/, handle: chat(mistral, mistralRequest, { whole: mistralWhole, events: mistralEvents }, { mistral: true }) },
  { method: 'POST', path: /^\/v1\/embeddings$/, handle: embeddings },
  { method: 'GET', path: /^\/v1\/models$/, handle: (exchange) => reply(exchange, { object: 'list', data: [...names, embedder].map(mistralCard) }) },
  ...modelRoutes,
];
