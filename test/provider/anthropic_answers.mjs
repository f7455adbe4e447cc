// An answer as a message of Anthropic's, whole and streamed.
import { fragments, pieces } from './scenario.mjs';

const reasons = { end: 'end_turn', stop: 'stop_sequence', calls: 'tool_use', length: 'max_tokens', refused: 'refusal' };

/** Cached and written tokens stand beside input_tokens, not within. */
const usageOf = ({ usage }, output = usage.output) => ({
  input_tokens: usage.input - usage.cached - usage.written,
  cache_creation_input_tokens: usage.written,
  cache_read_input_tokens: usage.cached,
  cache_creation: { ephemeral_5m_input_tokens: usage.written, ephemeral_1h_input_tokens: 0 },
  output_tokens: output,
  service_tier: 'standard',
});

function blocksOf(answer) {
  const blocks = [];
  if (answer.thinking) blocks.push({ type: 'thinking', thinking: answer.thinking.text, signature: answer.thinking.signature });
  const text = answer.text ?? answer.refusal;
  if (text !== undefined) blocks.push({ type: 'text', text });
  for (const { id, name, args } of answer.calls) blocks.push({ type: 'tool_use', id, name, input: args });
  return blocks;
}

export function messageWhole(answer, { id, model }) {
  return { id: `msg_${id}`, type: 'message', role: 'assistant', model, content: blocksOf(answer), stop_reason: reasons[answer.stop], stop_sequence: answer.stopped_by ?? null, usage: usageOf(answer) };
}

export function messageEvents(answer, { id, model }) {
  const list = [];
  const add = (type, more = {}) => list.push(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
  add('message_start', { message: { id: `msg_${id}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: usageOf(answer, 1) } });
  blocksOf(answer).forEach((block, index) => {
    const delta = (one) => add('content_block_delta', { index, delta: one });
    const begun = { text: { text: '' }, thinking: { thinking: '', signature: '' }, tool_use: { input: {} } }[block.type];
    add('content_block_start', { index, content_block: { ...block, ...begun } });
    if (index === 0) add('ping');
    if (block.type === 'text') for (const text of pieces(block.text)) delta({ type: 'text_delta', text });
    if (block.type === 'thinking') {
      for (const thinking of pieces(block.thinking)) delta({ type: 'thinking_delta', thinking });
      delta({ type: 'signature_delta', signature: block.signature });
    }
    if (block.type === 'tool_use') for (const partial_json of ['', ...fragments(JSON.stringify(block.input))]) delta({ type: 'input_json_delta', partial_json });
    add('content_block_stop', { index });
  });
  add('message_delta', { delta: { stop_reason: reasons[answer.stop], stop_sequence: answer.stopped_by ?? null }, usage: usageOf(answer) });
  add('message_stop');
  return list;
}
