// An answer as a Response, whole and as the life cycle of its events.
import { fragments, pieces } from './scenario.mjs';

const usageOf = ({ usage }) => ({
  input_tokens: usage.input,
  input_tokens_details: { cached_tokens: usage.cached, cache_write_tokens: 0 },
  output_tokens: usage.output,
  output_tokens_details: { reasoning_tokens: usage.reasoning },
  total_tokens: usage.input + usage.output,
});

function frame({ id, created, model, request }) {
  return {
    id: `resp_${id}`, object: 'response', created_at: created, status: 'in_progress', background: false, error: null, incomplete_details: null,
    instructions: request.instructions ?? null, max_output_tokens: request.max_output_tokens ?? null, model, output: [], parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null, reasoning: { effort: request.reasoning?.effort ?? null, summary: null }, store: request.store ?? true, temperature: request.temperature ?? 1,
    text: request.text ?? { format: { type: 'text' } }, tool_choice: request.tool_choice ?? 'auto', tools: request.tools ?? [], top_p: request.top_p ?? 1, truncation: 'disabled',
    usage: null, user: null, metadata: request.metadata ?? {},
  };
}

function itemsOf(answer, { id, request }, custom) {
  const items = [];
  if (answer.thinking) {
    const encrypted = (request.include ?? []).includes('reasoning.encrypted_content');
    items.push({ id: `rs_${id}`, type: 'reasoning', summary: [{ type: 'summary_text', text: answer.thinking.text }], ...(encrypted ? { encrypted_content: answer.thinking.signature } : {}) });
  }
  if (answer.refusal) items.push({ id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'refusal', refusal: answer.refusal }] });
  if (answer.text !== undefined)
    items.push({ id: `msg_${id}`, type: 'message', status: answer.stop === 'length' ? 'incomplete' : 'completed', role: 'assistant', content: [{ type: 'output_text', text: answer.text, annotations: [], logprobs: [] }] });
  answer.calls.forEach((call, n) => {
    if (custom.has(call.name)) items.push({ id: `ctc_${id}${n}`, type: 'custom_tool_call', status: 'completed', call_id: call.id, name: call.name, input: String(call.args.input ?? '') });
    else items.push({ id: `fc_${id}${n}`, type: 'function_call', status: 'completed', call_id: call.id, name: call.name, arguments: JSON.stringify(call.args) });
  });
  return items;
}

const customTools = ({ request }) => new Set((request.tools ?? []).filter((tool) => tool.type === 'custom').map((tool) => tool.name));

function finished(answer, context) {
  const cut = answer.stop === 'length';
  return { ...frame(context), status: cut ? 'incomplete' : 'completed', incomplete_details: cut ? { reason: 'max_output_tokens' } : null, output: itemsOf(answer, context, customTools(context)),
    usage: usageOf(answer) };
}
export const responseWhole = finished;

export function responseEvents(answer, context) {
  const list = [];
  const add = (type, more) => list.push(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: list.length, ...more })}\n\n`);
  add('response.created', { response: frame(context) });
  add('response.in_progress', { response: frame(context) });
  itemsOf(answer, context, customTools(context)).forEach((item, output_index) => itemEvents(add, item, output_index));
  const response = finished(answer, context);
  add(`response.${response.status}`, { response });
  return list;
}

function itemEvents(add, item, output_index) {
  const begun = { message: { content: [] }, reasoning: { summary: [], encrypted_content: undefined }, function_call: { arguments: '' }, custom_tool_call: { input: '' } }[item.type];
  add('response.output_item.added', { output_index, item: { ...item, ...begun, ...(item.status ? { status: 'in_progress' } : {}) } });
  const here = { item_id: item.id, output_index };
  if (item.type === 'message') partEvents(add, item.content[0], { ...here, content_index: 0 });
  if (item.type === 'reasoning') summaryEvents(add, item.summary[0], { ...here, summary_index: 0 });
  if (item.type === 'function_call') {
    for (const delta of fragments(item.arguments)) add('response.function_call_arguments.delta', { ...here, delta });
    add('response.function_call_arguments.done', { ...here, name: item.name, arguments: item.arguments });
  }
  if (item.type === 'custom_tool_call') {
    for (const delta of fragments(item.input)) add('response.custom_tool_call_input.delta', { ...here, delta });
    add('response.custom_tool_call_input.done', { ...here, input: item.input });
  }
  add('response.output_item.done', { output_index, item });
}

function partEvents(add, part, here) {
  const key = part.type === 'refusal' ? 'refusal' : 'text';
  const event = part.type === 'refusal' ? 'response.refusal' : 'response.output_text';
  const more = part.type === 'refusal' ? {} : { logprobs: [] };
  add('response.content_part.added', { ...here, part: { ...part, [key]: '' } });
  for (const delta of pieces(part[key])) add(`${event}.delta`, { ...here, delta, ...more });
  add(`${event}.done`, { ...here, [key]: part[key], ...more });
  add('response.content_part.done', { ...here, part });
}

function summaryEvents(add, part, here) {
  add('response.reasoning_summary_part.added', { ...here, part: { ...part, text: '' } });
  for (const delta of pieces(part.text)) add('response.reasoning_summary_text.delta', { ...here, delta });
  add('response.reasoning_summary_text.done', { ...here, text: part.text });
  add('response.reasoning_summary_part.done', { ...here, part });
}
