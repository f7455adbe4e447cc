// The official openai client, on both of its APIs.
import OpenAI from 'openai';
import { dataUrl, toolsOf } from '../neutral.mjs';

const open = ({ root, key }) => new OpenAI({ apiKey: key, baseURL: `${root}/v1`, maxRetries: 0 });

const chatMessage = (m) => {
  if (m.role === 'assistant') return [m.raw];
  if (m.role === 'tool') return m.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
  return [{ role: m.role, content: m.image ? [{ type: 'text', text: m.text }, { type: 'image_url', image_url: { url: dataUrl(m.image) } }] : m.text }];
};

/** All pages. */
async function names(client) {
  const all = [];
  for await (const model of client.models.list()) all.push(model.id);
  return all;
}

export const chat = {
  name: 'openai, chat completions',
  speaks: 'openai',
  open,
  async say(client, { model, messages, tools, schema, stream, signal, on_piece, max, stop }) {
    const request = {
      model,
      messages: messages.flatMap(chatMessage),
      ...(tools ? { tools: toolsOf(tools).map((f) => ({ type: 'function', function: f })) } : {}),
      ...(schema ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } } : {}),
      ...(max ? { max_completion_tokens: max } : {}),
      ...(stop ? { stop } : {}),
    };
    const whole = stream ? await chatStream(client, request, signal, on_piece) : await client.chat.completions.create(request, { signal });
    const { message, finish_reason } = whole.choices[0];
    const { parsed, ...raw } = message;
    return { raw, text: message.content ?? '', refusal: message.refusal, stop: finish_reason, usage: { input: whole.usage?.prompt_tokens, output: whole.usage?.completion_tokens },
      calls: (message.tool_calls ?? []).map((call) => ({ id: call.id, name: call.function.name, args: JSON.parse(call.function.arguments) })) };
  },
  models: names,
  embed: async (client, model, texts) => (await client.embeddings.create({ model, input: texts })).data.map((one) => one.embedding),
};

async function chatStream(client, request, signal, on_piece) {
  const stream = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } }, { signal });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) on_piece(chunk.choices[0].delta.content);
  return stream.finalChatCompletion();
}

const item = (m) => {
  if (m.role === 'assistant') return m.raw;
  if (m.role === 'tool') return m.results.map(({ id, text }) => ({ type: 'function_call_output', call_id: id, output: text }));
  return [{ role: m.role, content: m.image ? [{ type: 'input_text', text: m.text }, { type: 'input_image', detail: 'auto', image_url: dataUrl(m.image) }] : m.text }];
};

export const responses = {
  name: 'openai, Responses',
  speaks: 'responses',
  open,
  lacks: { stop: 'The Responses API has no stop sequences.' },
  async say(client, { model, messages, tools, schema, stream, signal, on_piece, max, thinks }) {
    const request = {
      model,
      input: messages.flatMap(item),
      store: false,
      ...(tools ? { tools: toolsOf(tools).map((f) => ({ type: 'function', ...f, strict: false })) } : {}),
      ...(schema ? { text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } } } : {}),
      ...(max ? { max_output_tokens: max } : {}),
      ...(thinks ? { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] } : {}),
    };
    const whole = stream ? await responseStream(client, request, signal, on_piece) : await client.responses.create(request, { signal });
    if (whole.status === 'failed') throw Object.assign(new Error(whole.error?.message ?? 'failed'), { code: whole.error?.code });
    const { output } = whole;
    const raw = output.map(({ parsed_arguments, ...rest }) => (rest.content ? { ...rest, content: rest.content.map(({ parsed, ...part }) => part) } : rest));
    return { raw, text: whole.output_text, stop: whole.incomplete_details?.reason ?? whole.status, usage: { input: whole.usage.input_tokens, output: whole.usage.output_tokens },
      refusal: output.flatMap((one) => one.content ?? []).find((part) => part.type === 'refusal')?.refusal,
      thinking: output.filter((one) => one.type === 'reasoning').flatMap((one) => one.summary).map((part) => part.text).join(''),
      calls: output.filter((one) => one.type === 'function_call').map((call) => ({ id: call.call_id, name: call.name, args: JSON.parse(call.arguments) })) };
  },
  models: names,
  embed: chat.embed,
};

async function responseStream(client, request, signal, on_piece) {
  const stream = client.responses.stream(request, { signal });
  let last;
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') on_piece(event.delta);
    last = event;
  }
  if (!['response.completed', 'response.incomplete', 'response.failed'].includes(last?.type)) throw new Error(`the stream ended with ${last?.type}`);
  const final = await stream.finalResponse();
  return final;
}
