// OpenAI's Responses API: items in, items out, and the whole life cycle of events. Nothing is stored: what needs stored state is refused.
import { bearer, embeddings, modelRoutes, openaiError } from './openai.mjs';
import { dataUrl } from './openai_seen.mjs';
import { openaiSay, strict } from './openai_rules.mjs';
import { Play } from './play.mjs';
import { responseEvents, responseWhole } from './responses_answers.mjs';
import { sign, thought } from './scenario.mjs';
import { any, flag, integer, list, map, matching, number, object, Refusal, tagged, text, textOr, word } from './shapes.mjs';

const image = object({ 'type!': any, image_url: text, file_id: text, detail: word('auto', 'low', 'high', 'original') });
const inputText = object({ 'type!': any, 'text!': text });
const file = object({ 'type!': any, file_data: text, file_id: text, file_url: text, filename: text, detail: text });
const inputPart = tagged('type', { input_text: inputText, input_image: image, input_file: file, input_audio: map });
const outputPart = tagged('type', { output_text: object({ 'type!': any, 'text!': text, annotations: list(map), logprobs: any }), refusal: object({ 'type!': any, 'refusal!': text }) });
const status = word('in_progress', 'completed', 'incomplete');
const side = (part) => object({ type: word('message'), 'role!': any, 'content!': textOr(list(part)), id: text, status, phase: text });
const name = matching(/^[a-zA-Z0-9_-]{1,128}$/);

const message = tagged('role', { user: side(inputPart), system: side(inputPart), developer: side(inputPart), assistant: side(outputPart) });
const typed = tagged('type', {
  message,
  function_call: object({ 'type!': any, 'call_id!': text, 'name!': name, 'arguments!': text, id: matching(/^fc_/), status, namespace: text }),
  function_call_output: object({ 'type!': any, 'call_id!': text, 'output!': textOr(list(inputPart)), id: text, status }),
  reasoning: object({ 'type!': any, id: matching(/^rs_/), 'summary!': list(object({ 'type!': word('summary_text'), 'text!': text })), content: list(map), encrypted_content: text, status }),
  custom_tool_call: object({ 'type!': any, 'call_id!': text, 'name!': text, 'input!': text, id: text, status, namespace: text }),
  custom_tool_call_output: object({ 'type!': any, 'call_id!': text, 'output!': textOr(list(inputPart)), id: text }),
  local_shell_call: map, local_shell_call_output: map, web_search_call: map, compaction: map, additional_tools: map,
});
const item = (value, path, say) => (value?.type === undefined && value?.role ? message : typed)(value, path, say);
const tool = tagged('type', {
  function: object({ 'type!': any, 'name!': name, description: text, parameters: map, strict: flag, defer_loading: flag, output_schema: map }),
  custom: object({ 'type!': any, 'name!': name, description: text, format: map, defer_loading: flag }),
  web_search: map, web_search_preview: map, image_generation: map, local_shell: map, shell: map, apply_patch: map, mcp: map, code_interpreter: map, file_search: map, namespace: map, tool_search: map,
});
const format = tagged('type', {
  text: object({ 'type!': any }),
  json_object: object({ 'type!': any }),
  json_schema: object({ 'type!': any, 'name!': matching(/^[a-zA-Z0-9_-]{1,64}$/), description: text, 'schema!': map, strict: flag }),
});
const shape = object({ 'model!': text, 'input!': textOr(list(item)), background: flag, context_management: list(map), conversation: any, include: list(text), instructions: text,
  max_output_tokens: integer(16), max_tool_calls: integer(1), metadata: map, moderation: map, parallel_tool_calls: flag, previous_response_id: text, prompt: map, prompt_cache_key: text,
  prompt_cache_options: map, prompt_cache_retention: text, reasoning: object({ effort: text, summary: text, generate_summary: text, context: text }), safety_identifier: text, service_tier: text, store: flag, stream: flag,
  stream_options: object({ include_obfuscation: flag }), temperature: number(0, 2), text: object({ format, verbosity: word('low', 'medium', 'high') }),
  tool_choice: textOr(map), tools: list(tool), top_logprobs: integer(0), top_p: number(0, 1), truncation: word('auto', 'disabled'), user: text, client_metadata: map });

const invalid = (param, message) => {
  throw new Refusal(400, 'invalid', message, { param });
};

function check(body) {
  shape(body, '', openaiSay);
  if (body.previous_response_id) throw new Refusal(400, 'invalid', `Previous response with id '${body.previous_response_id}' not found.`, { param: 'previous_response_id', code: 'previous_response_not_found' });
  if (body.background || body.conversation) invalid(body.background ? 'background' : 'conversation', 'simulated: nothing is stored here.');
  for (const tool of (body.tools ?? []).filter((t) => t.type === 'function')) strict(tool.strict && tool.parameters, 'tools', tool.name);
  const { format } = body.text ?? {};
  strict(format?.strict && format.schema, 'text.format.schema', format?.name);
  if (format?.type === 'json_object' && !/json/i.test(JSON.stringify(body.input))) invalid('input', "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.");
  if (Array.isArray(body.input)) pairs(body.input);
}

function pairs(items) {
  const calls = items.filter((i) => /_call$/.test(i.type ?? '')).map((i) => i.call_id);
  const outputs = items.filter((i) => /_call_output$/.test(i.type ?? '')).map((i) => i.call_id);
  for (const id of calls) if (id && !outputs.includes(id)) invalid('input', `No tool output found for function call ${id}.`);
  for (const id of outputs) if (!calls.includes(id)) invalid('input', `No tool call found for function call output with call_id ${id}.`);
  for (const one of items.filter((i) => i.type === 'reasoning' && i.encrypted_content))
    if (one.encrypted_content !== sign(thought)) throw new Refusal(400, 'invalid', 'The encrypted content could not be verified.', { code: 'invalid_encrypted_content' });
}

const plain = (content) => (typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join(''));
const pictures = (content) => (Array.isArray(content) ? content : []).filter((p) => p.type === 'input_image').map((p) => dataUrl(p.image_url ?? ''));

function see(body) {
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input;
  const last = items.findLastIndex((i) => i.role === 'assistant' || /_call$/.test(i.type ?? ''));
  const names = new Map(items.filter((i) => /_call$/.test(i.type ?? '')).map((i) => [i.call_id, i.name]));
  const choice = body.tool_choice ?? 'auto';
  const format = body.text?.format ?? {};
  return {
    model: body.model,
    stream: body.stream ?? false,
    request: body,
    system: [body.instructions ?? '', ...items.filter((i) => ['system', 'developer'].includes(i.role)).map((i) => plain(i.content))].filter(Boolean).join('\n'),
    user: plain(items.findLast((i) => i.role === 'user')?.content),
    turns: items.length,
    tools: (body.tools ?? []).filter((t) => ['function', 'custom'].includes(t.type)).map((t) => ({ name: t.name, schema: t.parameters, custom: t.type === 'custom' })),
    choice: typeof choice === 'object' ? (choice.name ? { name: choice.name } : 'auto') : choice === 'required' ? 'any' : choice,
    results: items.slice(last + 1).filter((i) => /_call_output$/.test(i.type ?? '')).map((i) => ({ id: i.call_id, name: names.get(i.call_id), text: plain(i.output), images: pictures(i.output) })),
    images: items.flatMap((i) => pictures(i.content)),
    schema: format.type === 'json_schema' ? format.schema : undefined,
    json: format.type === 'json_object',
    stop: [],
    max: body.max_output_tokens,
    thinks: body.reasoning?.effort !== undefined,
    history: items.filter((i) => /_call$/.test(i.type ?? '')).map((i) => ({ name: i.name, args: i.arguments ?? i.input })),
  };
}

export const responses = { name: 'responses', error: openaiError, authorise: bearer };
const writer = {
  prefix: 'call_',
  type: () => 'text/event-stream; charset=utf-8',
  whole: responseWhole,
  events: responseEvents,
  error_event: (refusal) => `event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: 0, code: 'server_is_overloaded', message: refusal.message, param: null })}\n\n`,
};
responses.routes = [
  { method: 'POST', path: /^\/v1\/responses$/, handle: async (exchange) => {
    check(exchange.json);
    const seen = see(exchange.json);
    await new Play(exchange, responses, seen, writer).run();
  } },
  { method: 'POST', path: /^\/v1\/embeddings$/, handle: embeddings },
  ...modelRoutes,
];
