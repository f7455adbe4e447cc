// The official Anthropic client.
import Anthropic from '@anthropic-ai/sdk';
import { toolsOf } from '../neutral.mjs';

const message = (m) => {
  if (m.role === 'system') return [];
  if (m.role === 'assistant') return [{ role: 'assistant', content: m.raw }];
  if (m.role === 'tool') return [{ role: 'user', content: m.results.map(({ id, text, error }) => ({ type: 'tool_result', tool_use_id: id, content: text, ...(error ? { is_error: true } : {}) })) }];
  const image = m.image && { type: 'image', source: { type: 'base64', media_type: m.image.media, data: m.image.bytes.toString('base64') } };
  return [{ role: 'user', content: image ? [{ type: 'text', text: m.text }, image] : m.text }];
};

export const anthropic = {
  name: '@anthropic-ai/sdk',
  speaks: 'anthropic',
  lacks: { embeddings: 'Anthropic has no embeddings, so its client has none.' },
  open: ({ root, key }) => new Anthropic({ apiKey: key, authToken: null, baseURL: root, maxRetries: 0 }),
  async say(client, { model, messages, tools, schema, stream, signal, on_piece, max, stop, thinks }) {
    const system = messages.find((m) => m.role === 'system')?.text;
    const request = {
      model,
      max_tokens: max ?? 2048,
      messages: messages.flatMap(message),
      ...(system ? { system } : {}),
      ...(tools ? { tools: toolsOf(tools).map(({ parameters, ...rest }) => ({ ...rest, input_schema: parameters })) } : {}),
      ...(schema ? { output_config: { format: { type: 'json_schema', schema } } } : {}),
      ...(stop ? { stop_sequences: stop } : {}),
      ...(thinks ? { thinking: { type: 'enabled', budget_tokens: 1024 } } : {}),
    };
    const whole = stream ? await gather(client.messages.stream(request, { signal }), on_piece) : await client.messages.create(request, { signal });
    const blocks = (type) => whole.content.filter((block) => block.type === type);
    const { usage } = whole;
    const text = blocks('text').map((block) => block.text).join('');
    return { raw: whole.content, text, refusal: whole.stop_reason === 'refusal' ? text : undefined, stop: whole.stop_reason,
      thinking: blocks('thinking').map((block) => block.thinking).join(''),
      usage: { input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0), output: usage.output_tokens },
      calls: blocks('tool_use').map(({ id, name, input }) => ({ id, name, args: input })) };
  },
  async models(client) {
    const all = [];
    for await (const model of client.models.list()) all.push(model.id);
    return all;
  },
  count: async (client, model, text) => (await client.messages.countTokens({ model, messages: [{ role: 'user', content: text }] })).input_tokens,
};

async function gather(stream, on_piece) {
  stream.on('text', on_piece);
  return stream.finalMessage();
}
