// What Anthropic's Messages API accepts, field by field, and the order that blocks must have.
import { sign } from './scenario.mjs';
import { any, flag, integer, list, map, matching, number, object, Refusal, tagged, text, textOr, word } from './shapes.mjs';
import { strictness } from './schema.mjs';

const refuse = (message) => {
  throw new Refusal(400, 'invalid', message);
};
const join = (path, key) => (path === '' ? String(key) : `${path}.${key}`);
export const say = {
  at: join,
  null_is_absent: true,
  wrong: (path, expected) => refuse(`${path}: Input should be a valid ${expected}`),
  unknown: (path, key) => refuse(`${join(path, key)}: Extra inputs are not permitted`),
  missing: (path, key) => refuse(`${join(path, key)}: Field required`),
  refuse: (path, message) => refuse(`${path}: ${message}`),
};

const cache = object({ 'type!': word('ephemeral'), ttl: word('5m', '1h') });
const id = matching(/^[a-zA-Z0-9_-]+$/);
const base64 = matching(/^[A-Za-z0-9+/]+=*$/);
const spoken = (value, path, is) => (text(value, path, is), value === '' && refuse('messages: text content blocks must be non-empty'));
const textBlock = object({ 'type!': any, 'text!': spoken, cache_control: cache, citations: any });
const imageSource = tagged('type', { base64: object({ 'type!': any, 'media_type!': word('image/jpeg', 'image/png', 'image/gif', 'image/webp'), 'data!': base64 }), url: object({ 'type!': any, 'url!': text }), file: map });
const image = object({ 'type!': any, 'source!': imageSource, cache_control: cache });
const documentSource = tagged('type', { base64: object({ 'type!': any, 'media_type!': word('application/pdf'), 'data!': base64 }), text: object({ 'type!': any, 'media_type!': word('text/plain'), 'data!': text }), url: map, content: map, file: map });
const document = object({ 'type!': any, 'source!': documentSource, title: text, context: text, citations: map, cache_control: cache });
const result = object({ 'type!': any, 'tool_use_id!': id, content: textOr(list(tagged('type', { text: textBlock, image, document, search_result: map, tool_reference: map }))), is_error: flag, cache_control: cache });
const thinking = object({ 'type!': any, 'thinking!': text, 'signature!': text });
const use = object({ 'type!': any, 'id!': id, 'name!': text, 'input!': map, cache_control: cache, caller: map });
const anyBlock = tagged('type', { text: textBlock, image, document, tool_result: result, tool_use: use, thinking, redacted_thinking: object({ 'type!': any, 'data!': text }),
  server_tool_use: map, web_search_tool_result: map, search_result: map, mid_conv_system: map });
const message = object({ 'role!': word('user', 'assistant', 'system'), 'content!': textOr(list(anyBlock)) });
const tool = (value, path, is) => {
  if (value?.type && value.type !== 'custom') return map(value, path, is);
  object({ 'name!': matching(/^[a-zA-Z0-9_-]{1,128}$/), description: text, 'input_schema!': map, type: word('custom'), cache_control: cache, strict: flag, defer_loading: flag,
    allowed_callers: list(text), eager_input_streaming: flag, input_examples: list(map) })(value, path, is);
  if (value.input_schema.type !== 'object') refuse(`${path}.custom.input_schema.type: Field required`);
};
const choice = tagged('type', { auto: object({ 'type!': any, disable_parallel_tool_use: flag }), any: object({ 'type!': any, disable_parallel_tool_use: flag }), none: object({ 'type!': any }),
  tool: object({ 'type!': any, 'name!': text, disable_parallel_tool_use: flag }) });
const thoughts = tagged('type', { enabled: object({ 'type!': any, 'budget_tokens!': integer(1024), display: text }), disabled: object({ 'type!': any }), adaptive: object({ 'type!': any, display: text }), between_tools: map });
const format = object({ 'type!': word('json_schema'), 'schema!': map });

const counted = { 'model!': text, 'messages!': list(message, { least: 1 }), system: textOr(list(tagged('type', { text: textBlock }))), tools: list(tool), tool_choice: choice, thinking: thoughts,
  cache_control: cache, output_config: object({ effort: word('low', 'medium', 'high', 'xhigh', 'max'), format, task_budget: map }), output_format: format, context_management: map, mcp_servers: list(map), speed: text };
export const countShape = object(counted);
export const messagesShape = object({ ...counted, 'max_tokens!': integer(1), stream: flag, stop_sequences: list(text), temperature: number(0, 1), top_p: number(0, 1), top_k: integer(0),
  metadata: object({ user_id: text }), service_tier: word('auto', 'standard_only'), container: any, diagnostics: map, inference_geo: text, user_profile_id: text });

const blocks = (m) => (typeof m.content === 'string' ? [{ type: 'text', text: m.content }] : m.content);

export function checkMessages(body, beta = '') {
  // Claude Code asks with a beta header whether the system may speak between turns.
  if (!beta.includes('mid-conversation') && body.messages.some((m) => m.role === 'system'))
    refuse('messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.');
  const messages = body.messages.filter((m) => m.role !== 'system');
  if (messages[0].role !== 'user') refuse('messages: first message must use the "user" role');
  messages.forEach((m, n) => checkTurn(messages, m, n));
  const last = messages.at(-1);
  if (last.role === 'assistant' && /\s$/.test(blocks(last).at(-1)?.text ?? '')) refuse('messages: final assistant content cannot end with trailing whitespace');
  checkThinking({ ...body, messages });
  const marks = (JSON.stringify(body).match(/"cache_control":\{/g) ?? []).length;
  if (marks > 4) refuse(`A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`);
  if (body.tool_choice && !body.tools?.length) refuse('tool_choice: tool_choice may only be specified while providing tools');
  const names = (body.tools ?? []).map((t) => t.name);
  if (new Set(names).size !== names.length) refuse('tools: Tool names must be unique.');
  if (messages.some((m) => blocks(m).some((b) => b.type === 'tool_use')) && !body.tools) refuse('Requests which include `tool_use` or `tool_result` blocks must define tools');
  const schema = (body.output_config?.format ?? body.output_format)?.schema;
  const problem = schema && strictness(schema, { allRequired: false });
  if (problem) refuse(`output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false`);
}

function checkTurn(messages, m, n) {
  const here = blocks(m);
  const empty = here.length === 0 || (typeof m.content === 'string' && m.content === '');
  if (empty && !(m.role === 'assistant' && n === messages.length - 1)) refuse(`messages.${n}: all messages must have non-empty content except for the optional final assistant message`);
  const wrongSide = here.find((b) => (m.role === 'user' ? ['tool_use', 'thinking', 'redacted_thinking'] : ['tool_result', 'image', 'document']).includes(b.type));
  if (wrongSide) refuse(`messages.${n}: \`${wrongSide.type}\` blocks can only be in \`${m.role === 'user' ? 'assistant' : 'user'}\` messages`);
  const uses = here.filter((b) => b.type === 'tool_use').map((b) => b.id);
  const next = messages[n + 1]?.role === 'user' ? blocks(messages[n + 1]) : [];
  const answered = next.filter((b) => b.type === 'tool_result').map((b) => b.tool_use_id);
  const open = uses.filter((id) => !answered.includes(id));
  if (open.length > 0)
    refuse(`messages.${n}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`);
  if (new Set(answered).size !== answered.length) refuse(`messages.${n + 1}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with one id`);
  const firstOther = next.findIndex((b) => b.type !== 'tool_result');
  if (uses.length > 0 && firstOther >= 0 && next.slice(firstOther).some((b) => b.type === 'tool_result')) refuse(`messages.${n + 1}: \`tool_result\` blocks must come before other content`);
  const before = m.role === 'user' && messages[n - 1]?.role === 'assistant' ? blocks(messages[n - 1]).filter((b) => b.type === 'tool_use').map((b) => b.id) : [];
  const stray = here.find((b) => b.type === 'tool_result' && !before.includes(b.tool_use_id));
  if (stray) refuse(`messages.${n}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`);
}

function checkThinking({ messages, thinking, max_tokens: max, temperature, tool_choice: choice }) {
  messages.forEach((m, n) => blocks(m).forEach((b, k) => {
    if (b.type === 'thinking' && b.signature !== sign(b.thinking)) refuse(`messages.${n}.content.${k}: Invalid \`signature\` in \`thinking\` block`);
  }));
  if (thinking?.type !== 'enabled' && thinking?.type !== 'adaptive') return;
  if (thinking.type === 'enabled' && max !== undefined && thinking.budget_tokens >= max) refuse('`max_tokens` must be greater than `thinking.budget_tokens`.');
  if (temperature !== undefined && temperature !== null && temperature !== 1) refuse('`temperature` may only be set to 1 when thinking is enabled.');
  if (['any', 'tool'].includes(choice?.type)) refuse('Thinking may not be enabled when tool_choice forces tool use.');
  const last = messages.findLastIndex((m) => m.role === 'assistant');
  const turn = last >= 0 ? blocks(messages[last]) : [];
  const inLoop = messages.slice(last + 1).some((m) => blocks(m).some((b) => b.type === 'tool_result'));
  if (thinking.type === 'enabled' && inLoop && !['thinking', 'redacted_thinking'].includes(turn[0]?.type))
    refuse(`messages.${last}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${turn[0]?.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`);
}
