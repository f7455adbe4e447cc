// What OpenAI's and Mistral's APIs accept, field by field, and the order that messages must have.
import { any, either, flag, integer, isObject, list, map, matching, nullable, number, object, Refusal, tagged, text, textOr, word } from './shapes.mjs';
import { strictness } from './schema.mjs';

const refuse = (param, message, code = null) => {
  throw new Refusal(400, 'invalid', message, { param, code });
};
export const openaiSay = {
  null_is_absent: true,
  wrong: (path, expected, value) => refuse(path, `Invalid type for '${path}': expected ${expected}, but got ${value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`} instead.`, 'invalid_type'),
  unknown: (path, key) => refuse(path ? `${path}.${key}` : key, `Unknown parameter: '${path ? `${path}.` : ''}${key}'.`, 'unknown_parameter'),
  missing: (path, key) => refuse(path ? `${path}.${key}` : key, `Missing required parameter: '${path ? `${path}.` : ''}${key}'.`, 'missing_required_parameter'),
  refuse: (path, message) => refuse(path, `Invalid value for '${path}': ${message}.`, 'invalid_value'),
};

const name = matching(/^[a-zA-Z0-9_-]{1,64}$/);
const textPart = object({ 'type!': word('text'), 'text!': text });
const userPart = tagged('type', {
  text: textPart,
  image_url: object({ 'type!': any, 'image_url!': object({ 'url!': text, detail: word('auto', 'low', 'high', 'original') }) }),
  input_audio: object({ 'type!': any, 'input_audio!': object({ 'data!': text, 'format!': word('wav', 'mp3') }) }),
  file: object({ 'type!': any, 'file!': object({ file_data: text, file_id: text, filename: text }) }),
});
// Programs that gather a stream send `index` back, and OpenAI takes it.
const call = object({ 'id!': text, index: integer(0), 'type!': word('function', 'custom'), function: object({ 'name!': name, 'arguments!': text }), custom: map });
const assistantPart = tagged('type', { text: textPart, refusal: object({ 'type!': any, 'refusal!': text }) });
const message = tagged('role', {
  system: object({ 'role!': any, 'content!': textOr(list(textPart)), name: text }),
  developer: object({ 'role!': any, 'content!': textOr(list(textPart)), name: text }),
  user: object({ 'role!': any, 'content!': textOr(list(userPart, { least: 1 })), name: text }),
  assistant: object({ 'role!': any, content: textOr(list(assistantPart)), name: text, refusal: text, audio: map, annotations: list(map), tool_calls: list(call, { least: 1 }), function_call: map,
    // Not OpenAI's own, but what compatible servers answer, and what their clients send back.
    reasoning_content: text }),
  tool: object({ 'role!': any, 'content!': textOr(list(textPart)), 'tool_call_id!': text, name: text }),
});
const tool = tagged('type', {
  function: object({ 'type!': any, 'function!': object({ 'name!': name, description: text, parameters: map, strict: flag }) }),
  custom: object({ 'type!': any, 'custom!': map }),
});
const choice = textOr(tagged('type', { function: object({ 'type!': any, 'function!': object({ 'name!': name }) }), allowed_tools: map, custom: map }));
const format = tagged('type', {
  text: object({ 'type!': any }),
  json_object: object({ 'type!': any }),
  json_schema: object({ 'type!': any, 'json_schema!': object({ 'name!': name, description: text, schema: map, strict: flag }) }),
});
const stop = textOr((value, path, say) => (list(text)(value, path, say), value.length > 4 && say.refuse(path, 'at most 4 stop sequences')));

const common = { 'model!': text, 'messages!': list(message, { least: 1 }), temperature: number(0, 2), top_p: number(0, 1), n: integer(1), stop, stream: flag,
  max_tokens: integer(1), presence_penalty: number(-2, 2), frequency_penalty: number(-2, 2), tools: list(tool, { least: 1 }), tool_choice: choice, parallel_tool_calls: flag,
  response_format: format, metadata: map, prediction: map, prompt_cache_key: text };
const chatShape = object({ ...common, audio: map, function_call: any, functions: list(map), logit_bias: map, logprobs: flag, max_completion_tokens: integer(1),
  modalities: list(text), moderation: map, prompt_cache_options: map, prompt_cache_retention: text, reasoning_effort: word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
  safety_identifier: text, seed: integer(), service_tier: text, store: flag, stream_options: object({ include_usage: flag, include_obfuscation: flag }), top_logprobs: integer(0),
  user: text, verbosity: word('low', 'medium', 'high'), web_search_options: map });

export function chatRequest(body) {
  chatShape(body, '', openaiSay);
  if (body.stream_options && !body.stream) refuse('stream_options', "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  if (body.max_tokens && body.max_completion_tokens) refuse('max_tokens', "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.");
  if (body.tool_choice && !body.tools) refuse('tool_choice', "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.");
  if (body.parallel_tool_calls !== undefined && !body.tools) refuse('parallel_tool_calls', "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.");
  if (body.response_format?.type === 'json_object' && !/json/i.test(JSON.stringify(body.messages)))
    refuse('messages', "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.");
  const schema = body.response_format?.json_schema;
  strict(schema?.strict && schema.schema, 'response_format', schema?.name);
  for (const { function: f } of (body.tools ?? []).filter((t) => t.type === 'function')) strict(f.strict && f.parameters, 'tools', f.name);
}
export function strict(schema, param, label) {
  const problem = schema && strictness(schema, { allRequired: true });
  if (problem) refuse(param, `Invalid schema for ${param === 'tools' ? 'function' : 'response_format'} '${label}': ${problem}`, 'invalid_function_parameters');
}

/** Who may follow whom. */
export function checkMessages(messages, { mistral = false }) {
  let open = [];
  messages.forEach((m, n) => {
    if (m.role === 'tool') {
      if (!open.includes(m.tool_call_id))
        refuse(`messages.[${n}].role`, "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.");
      open = open.filter((id) => id !== m.tool_call_id);
      return;
    }
    unanswered(open);
    open = m.role === 'assistant' ? (m.tool_calls ?? []).map((c) => c.id) : [];
    if (m.role === 'assistant' && !m.tool_calls && !m.function_call && (m.content ?? m.refusal ?? null) === null)
      refuse(`messages.[${n}].content`, "Invalid value for 'content': expected a string, got null.");
    if (new Set(open).size !== open.length) refuse(`messages.[${n}].tool_calls`, 'Duplicate tool call ids.');
  });
  unanswered(open);
  if (mistral) mistralOrder(messages);
}
function unanswered(open) {
  if (open.length > 0)
    refuse('messages', `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(', ')}`);
}

const mistralSay = { ...openaiSay,
  unknown: (path, key) => refuse(path ? `${path}.${key}` : key, 'Extra inputs are not permitted', 'extra_forbidden'),
  missing: (path, key) => refuse(path ? `${path}.${key}` : key, 'Field required', 'missing') };
const mistralImage = object({ 'type!': any, 'image_url!': textOr(object({ 'url!': text, detail: text })) });
const mistralPart = tagged('type', { text: textPart, image_url: mistralImage, document_url: map, thinking: map, reference: map, input_audio: map, file: map });
const mistralContent = textOr(list(mistralPart));
const mistralCall = object({ 'id!': matching(/^[a-zA-Z0-9]{9}$/), type: word('function'), index: integer(0), 'function!': object({ 'name!': name, 'arguments!': either([(v) => typeof v === 'string' || isObject(v), any]) }) });
const mistralMessage = tagged('role', {
  system: object({ 'role!': any, 'content!': mistralContent }),
  user: object({ 'role!': any, 'content!': mistralContent }),
  assistant: object({ 'role!': any, content: mistralContent, tool_calls: list(mistralCall), prefix: flag }),
  tool: object({ 'role!': any, 'content!': mistralContent, 'tool_call_id!': matching(/^[a-zA-Z0-9]{9}$/), name: text }),
});
const mistralShape = object({ ...common, 'messages!': list(mistralMessage, { least: 1 }), tool_choice: textOr(map), random_seed: integer(0), safe_prompt: flag, guardrails: any,
  prompt_mode: text, reasoning_effort: text, tools: list(tagged('type', { function: object({ 'type!': any, 'function!': object({ 'name!': name, description: text, 'parameters!': map, strict: flag }) }) })),
  response_format: tagged('type', { text: any, json_object: any, json_schema: object({ 'type!': any, 'json_schema!': object({ 'name!': text, description: text, 'schema!': map, strict: flag }) }) }),
  // Usage is always in the last chunk, and asking for it is refused.
  stream_options: object({}) });
export const mistralRequest = (body) => mistralShape(body, '', mistralSay);

function mistralOrder(messages) {
  const last = messages.at(-1);
  if (!['user', 'tool'].includes(last.role) && !last.prefix) throw new Refusal(400, 'invalid', `Expected last role User or Tool (or Assistant with prefix True) for serving but got ${last.role}`);
  messages.forEach((m, n) => {
    if (m.role === 'user' && messages[n - 1]?.role === 'tool') throw new Refusal(400, 'invalid', "Unexpected role 'user' after role 'tool'");
    if (m.role === 'system' && n > 0 && messages[n - 1].role !== 'system') throw new Refusal(400, 'invalid', `Unexpected role 'system' after role '${messages[n - 1].role}'`);
  });
}

const completionsShape = object({ 'model!': text, 'prompt!': textOr(list(any)), best_of: integer(0), echo: flag, frequency_penalty: number(-2, 2), logit_bias: map, logprobs: integer(0),
  max_tokens: integer(0), n: integer(1), presence_penalty: number(-2, 2), seed: integer(), stop, stream: flag, stream_options: map, suffix: nullable(text), temperature: number(0, 2), top_p: number(0, 1), user: text });
export const completionsRequest = (body) => completionsShape(body, '', openaiSay);
const embeddingsShape = object({ 'model!': text, 'input!': textOr(list(any, { least: 1 })), dimensions: integer(1), encoding_format: word('float', 'base64'), user: text,
  output_dimension: integer(1), output_dtype: text, metadata: map });
export const embeddingsRequest = (body) => embeddingsShape(body, '', openaiSay);
