// An answer in the shapes of chat completions and of legacy completions, whole and streamed.
import { fragments, pieces } from './scenario.mjs';

const reasons = { end: 'stop', stop: 'stop', calls: 'tool_calls', length: 'length', refused: 'stop' };

export const usageOf = ({ usage }) => ({
  prompt_tokens: usage.input,
  completion_tokens: usage.output,
  total_tokens: usage.input + usage.output,
  prompt_tokens_details: { cached_tokens: usage.cached, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: usage.reasoning, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
});
const callOf = ({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(args) } });

export function chatWhole(answer, { id, created, model }) {
  const message = { role: 'assistant', content: answer.text ?? null, refusal: answer.refusal ?? null, annotations: [] };
  if (answer.thinking) message.reasoning_content = answer.thinking.text;
  if (answer.calls.length > 0) message.tool_calls = answer.calls.map(callOf);
  return { id: `chatcmpl-${id}`, object: 'chat.completion', created, model, choices: [{ index: 0, message, logprobs: null, finish_reason: reasons[answer.stop] }],
    usage: usageOf(answer), service_tier: 'default', system_fingerprint: 'fp_simulated' };
}

export function chatEvents(answer, { id, created, model, usage }) {
  const base = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created, model, service_tier: 'default', system_fingerprint: 'fp_simulated' };
  const list = [];
  const add = (more) => list.push(`data: ${JSON.stringify({ ...base, ...more, ...(usage && !more.usage ? { usage: null } : {}) })}\n\n`);
  const delta = (part, finish = null) => add({ choices: [{ index: 0, delta: part, logprobs: null, finish_reason: finish }] });
  delta({ role: 'assistant', content: answer.calls.length > 0 && !answer.text ? null : '', refusal: null });
  for (const piece of pieces(answer.thinking?.text ?? '')) delta({ reasoning_content: piece });
  for (const piece of pieces(answer.text ?? '')) delta({ content: piece });
  for (const piece of pieces(answer.refusal ?? '')) delta({ refusal: piece });
  answer.calls.forEach((call, index) => {
    delta({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] });
    for (const part of fragments(JSON.stringify(call.args))) delta({ tool_calls: [{ index, function: { arguments: part } }] });
  });
  delta({}, reasons[answer.stop]);
  if (usage) add({ choices: [], usage: usageOf(answer) });
  list.push('data: [DONE]\n\n');
  return list;
}

export function completionWhole(answer, { id, created, model }) {
  return { id: `cmpl-${id}`, object: 'text_completion', created, model, choices: [{ index: 0, text: answer.text ?? '', logprobs: null, finish_reason: reasons[answer.stop] }], usage: usageOf(answer) };
}

export function completionEvents(answer, { id, created, model, usage }) {
  const base = { id: `cmpl-${id}`, object: 'text_completion', created, model };
  const event = (more) => `data: ${JSON.stringify({ ...base, ...more })}\n\n`;
  const choice = (text, finish_reason) => event({ choices: [{ index: 0, text, logprobs: null, finish_reason }] });
  return [...pieces(answer.text ?? '').map((piece) => choice(piece, null)), choice('', reasons[answer.stop]),
    ...(usage ? [event({ choices: [], usage: usageOf(answer) })] : []), 'data: [DONE]\n\n'];
}

/** Mistral: calls come whole in one delta, usage always stands beside the reason to stop, thoughts are parts of the content. */
export function mistralWhole(answer, context) {
  const whole = chatWhole(answer, context);
  const [{ message }] = whole.choices;
  const { reasoning_content: thought, refusal, annotations, ...plain } = message;
  if (thought) plain.content = [{ type: 'thinking', thinking: [{ type: 'text', text: thought }] }, { type: 'text', text: answer.text ?? '' }];
  plain.content ??= refusal ?? '';
  return { id: context.id, object: 'chat.completion', created: context.created, model: context.model, usage: mistralUsage(answer), choices: [{ index: 0, message: plain, finish_reason: whole.choices[0].finish_reason }] };
}
const mistralUsage = ({ usage }) => ({ prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output, prompt_tokens_details: { cached_tokens: usage.cached } });

export function mistralEvents(answer, { id, created, model }) {
  const event = (delta, finish_reason = null, more = {}) => `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices: [{ index: 0, delta, finish_reason }], ...more })}\n\n`;
  const calls = answer.calls.map((call, index) => ({ ...callOf(call), index }));
  return [
    event({ role: 'assistant', content: '' }),
    ...pieces(answer.thinking?.text ?? '').map((text) => event({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] })),
    ...pieces(answer.text ?? answer.refusal ?? '').map((content) => event({ content })),
    event({ content: '', ...(calls.length > 0 ? { tool_calls: calls } : {}) }, reasons[answer.stop], { usage: mistralUsage(answer) }),
    'data: [DONE]\n\n',
  ];
}
