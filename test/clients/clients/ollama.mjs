// The official Ollama client.
import { Ollama } from 'ollama';
import { toolsOf } from '../neutral.mjs';

const message = (m) => {
  if (m.role === 'assistant') return [m.raw];
  if (m.role === 'tool') return m.results.map(({ name, text }) => ({ role: 'tool', tool_name: name, content: text }));
  return [{ role: m.role, content: m.text, ...(m.image ? { images: [m.image.bytes.toString('base64')] } : {}) }];
};

export const ollama = {
  name: 'ollama',
  speaks: 'ollama',
  open: ({ root, key }) => new Ollama({ host: root, headers: { authorization: `Bearer ${key}` } }),
  async say(client, { model, messages, tools, schema, stream, signal, on_piece, max, stop, thinks }) {
    const request = {
      model,
      messages: messages.flatMap(message),
      ...(tools ? { tools: toolsOf(tools).map((f) => ({ type: 'function', function: f })) } : {}),
      ...(schema ? { format: schema } : {}),
      ...(max || stop ? { options: { ...(max ? { num_predict: max } : {}), ...(stop ? { stop } : {}) } } : {}),
      ...(thinks ? { think: true } : {}),
    };
    const whole = stream ? await gather(await client.chat({ ...request, stream: true }), signal, on_piece) : await client.chat(request);
    const { message: answer } = whole;
    return { raw: answer, text: answer.content, thinking: answer.thinking, stop: whole.done_reason, usage: { input: whole.prompt_eval_count, output: whole.eval_count },
      calls: (answer.tool_calls ?? []).map(({ function: f }) => ({ name: f.name, args: f.arguments })) };
  },
  models: async (client) => (await client.list()).models.map((model) => model.name),
  embed: async (client, model, texts) => (await client.embed({ model, input: texts })).embeddings,
};

async function gather(stream, signal, on_piece) {
  const answer = { role: 'assistant', content: '', tool_calls: [] };
  let last;
  signal?.addEventListener('abort', () => stream.abort());
  for await (const part of stream) {
    if (part.message.content) on_piece(part.message.content);
    answer.content += part.message.content;
    if (part.message.thinking) answer.thinking = (answer.thinking ?? '') + part.message.thinking;
    answer.tool_calls.push(...(part.message.tool_calls ?? []));
    last = part;
  }
  if (!last?.done) throw new Error('the stream ended before it was done');
  if (answer.tool_calls.length === 0) delete answer.tool_calls;
  return { ...last, message: answer };
}
