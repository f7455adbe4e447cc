// The official Mistral client.
import { Mistral } from '@mistralai/mistralai';
import { dataUrl, toolsOf } from '../neutral.mjs';

const message = (m) => {
  if (m.role === 'assistant') return [{ role: 'assistant', ...m.raw }];
  if (m.role === 'tool') return m.results.map(({ id, name, text }) => ({ role: 'tool', toolCallId: id, name, content: text }));
  return [{ role: m.role, content: m.image ? [{ type: 'text', text: m.text }, { type: 'image_url', imageUrl: dataUrl(m.image) }] : m.text }];
};
const textOf = (content) => (typeof content === 'string' ? content : (content ?? []).filter((part) => part.type === 'text').map((part) => part.text).join(''));

export const mistral = {
  name: '@mistralai/mistralai',
  speaks: 'mistral',
  open: ({ root, key }) => new Mistral({ apiKey: key, serverURL: root, retryConfig: { strategy: 'none' } }),
  async say(client, { model, messages, tools, schema, stream, signal, on_piece, max, stop }) {
    const request = {
      model,
      messages: messages.flatMap(message),
      ...(tools ? { tools: toolsOf(tools).map((f) => ({ type: 'function', function: f })) } : {}),
      ...(schema ? { responseFormat: { type: 'json_schema', jsonSchema: { name: 'answer', schemaDefinition: schema, strict: true } } } : {}),
      ...(max ? { maxTokens: max } : {}),
      ...(stop ? { stop } : {}),
    };
    const options = { fetchOptions: { signal } };
    const { content, calls, finish, usage } = stream ? await gather(await client.chat.stream(request, options), on_piece) : whole(await client.chat.complete(request, options));
    return { raw: { content, ...(calls.length > 0 ? { toolCalls: calls } : {}) }, text: textOf(content), stop: finish, usage: { input: usage?.promptTokens, output: usage?.completionTokens },
      calls: calls.map((call) => ({ id: call.id, name: call.function.name, args: typeof call.function.arguments === 'string' ? JSON.parse(call.function.arguments) : call.function.arguments })) };
  },
  // Cards without Mistral's own fields come as they were sent.
  models: async (client) => (await client.models.list()).data.map((model) => model.id ?? model.raw?.id ?? ''),
  embed: async (client, model, texts) => (await client.embeddings.create({ model, inputs: texts })).data.map((one) => one.embedding),
};

const whole = ({ choices: [{ message: { content, toolCalls }, finishReason }], usage }) => ({ content, calls: toolCalls ?? [], finish: finishReason, usage });

async function gather(stream, on_piece) {
  const all = { content: '', calls: [] };
  for await (const { data } of stream) {
    const choice = data.choices[0];
    if (data.usage) all.usage = data.usage;
    if (!choice) continue;
    const text = textOf(choice.delta.content);
    if (text) on_piece(text);
    all.content += text;
    for (const call of choice.delta.toolCalls ?? []) join(all.calls, call);
    all.finish = choice.finishReason ?? all.finish;
  }
  if (!all.finish) throw new Error('the stream ended without a finish reason');
  return all;
}

/** Mistral sends calls whole; an OpenAI-like server behind sends their arguments in pieces under one index. */
function join(calls, call) {
  const before = calls.find((one) => one.index === call.index && (!call.id || call.id === 'null' || one.id === call.id));
  if (before) before.function.arguments += call.function.arguments;
  else calls.push({ ...call, function: { ...call.function } });
}
