// Anthropic's Messages API: messages, count_tokens, models.
import { checkMessages, countShape, messagesShape, say } from './anthropic_rules.mjs';
import { messageEvents, messageWhole } from './anthropic_answers.mjs';
import { names } from './models.mjs';
import { reply } from './openai.mjs';
import { Play } from './play.mjs';
import { isKey, Refusal } from './shapes.mjs';

const types = { auth: 'authentication_error', permission: 'permission_error', not_found: 'not_found_error', too_large: 'request_too_large', rate_limit: 'rate_limit_error', insufficient_quota: 'rate_limit_error', server: 'api_error', overloaded: 'overloaded_error' };
const shapeOf = ({ kind, message }, id) => ({ type: 'error', error: { type: types[kind] ?? 'invalid_request_error', message }, request_id: id });

function error(refusal, exchange) {
  const id = `req_sim${exchange?.entry.number ?? 0}`;
  const status = refusal.kind === 'overloaded' ? 529 : refusal.status;
  return { status, headers: { 'request-id': id }, body: shapeOf(refusal, id) };
}

function authorise({ req }, key) {
  const given = req.headers['x-api-key'] ?? /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
  if (!given) throw new Refusal(401, 'auth', 'x-api-key header is required');
  if (key && !isKey(given, key)) throw new Refusal(401, 'auth', 'invalid x-api-key');
  if (!req.headers['anthropic-version']) throw new Refusal(400, 'invalid', 'anthropic-version: header is required');
}

const plain = (content) => (typeof content === 'string' ? content : (content ?? []).filter((b) => b.type === 'text').map((b) => b.text).join(''));
const pictures = (content) => (Array.isArray(content) ? content : []).filter((b) => b.type === 'image' && b.source.type === 'base64').map((b) => ({ media: b.source.media_type, bytes: Buffer.from(b.source.data, 'base64') }));
const blocks = (m) => (typeof m.content === 'string' ? [{ type: 'text', text: m.content }] : m.content);

function see(body) {
  const { messages } = body;
  const last = messages.findLastIndex((m) => m.role === 'assistant');
  const uses = messages.flatMap((m) => blocks(m)).filter((b) => b.type === 'tool_use');
  const choice = body.tool_choice ?? { type: 'auto' };
  const format = body.output_config?.format ?? body.output_format;
  return {
    model: body.model,
    stream: body.stream ?? false,
    system: [plain(body.system ?? ''), ...messages.filter((m) => m.role === 'system').map((m) => plain(m.content))].filter(Boolean).join('\n'),
    // Reminders that programs put beside what the person said are in the same message.
    user: plain(messages.findLast((m) => m.role === 'user' && plain(m.content))?.content),
    turns: messages.length,
    tools: (body.tools ?? []).filter((t) => t.input_schema).map((t) => ({ name: t.name, schema: t.input_schema })),
    choice: choice.type === 'tool' ? { name: choice.name } : choice.type,
    results: messages.slice(last + 1).flatMap((m) => blocks(m)).filter((b) => b.type === 'tool_result')
      .map((b) => ({ id: b.tool_use_id, name: uses.find((u) => u.id === b.tool_use_id)?.name, text: plain(b.content ?? ''), error: b.is_error ?? false, images: pictures(b.content) })),
    images: messages.flatMap((m) => pictures(m.content)),
    schema: format?.schema,
    stop: body.stop_sequences ?? [],
    max: body.max_tokens,
    thinks: ['enabled', 'adaptive'].includes(body.thinking?.type),
    signatures: messages.flatMap((m) => blocks(m)).filter((b) => b.type === 'thinking').length,
    cache_marks: (JSON.stringify(body).match(/"cache_control":/g) ?? []).length,
    beta: undefined,
    history: uses.map((use) => ({ name: use.name, args: use.input })),
  };
}

const writer = { prefix: 'toolu_', type: () => 'text/event-stream; charset=utf-8', whole: messageWhole, events: messageEvents,
  error_event: (refusal) => `event: error\ndata: ${JSON.stringify(shapeOf(refusal, undefined))}\n\n` };

const card = (id) => ({ type: 'model', id, display_name: `Simulated ${id}`, created_at: '2026-11-21T00:00:00Z' });

export const anthropic = { name: 'anthropic', error, authorise };
anthropic.routes = [
  { method: 'POST', path: /^\/v1\/messages$/, handle: async (exchange) => {
    messagesShape(exchange.json, '', say);
    checkMessages(exchange.json, exchange.req.headers['anthropic-beta']);
    await new Play(exchange, anthropic, see(exchange.json), writer).run();
  } },
  { method: 'POST', path: /^\/v1\/messages\/count_tokens$/, handle: (exchange) => {
    countShape(exchange.json, '', say);
    checkMessages(exchange.json, exchange.req.headers['anthropic-beta']);
    reply(exchange, { input_tokens: 21 });
  } },
  { method: 'GET', path: /^\/v1\/models$/, handle: (exchange) => reply(exchange, { data: names.map(card), has_more: false, first_id: names[0], last_id: names.at(-1) }) },
  { method: 'GET', path: /^\/v1\/models\/(.+)$/, handle: (exchange) => {
    if (!names.includes(exchange.match[1])) throw new Refusal(404, 'not_found', `model: ${exchange.match[1]}`);
    reply(exchange, card(exchange.match[1]));
  } },
];
