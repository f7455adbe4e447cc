// LlamaIndex with its provider packages.
import { Anthropic } from '@llamaindex/anthropic';
import { Gemini, GeminiEmbedding } from '@llamaindex/google';
import { Ollama, OllamaEmbedding } from '@llamaindex/ollama';
import { OpenAI, OpenAIEmbedding, OpenAIResponses } from '@llamaindex/openai';
import { FunctionTool } from 'llamaindex';
import { dataUrl, toolsOf } from '../neutral.mjs';

const message = (m) => {
  if (m.role === 'assistant') return [m.raw];
  if (m.role === 'tool') return m.results.map(({ id, text }) => ({ role: 'user', content: text, options: { toolResult: { id, result: text, isError: false } } }));
  return [{ role: m.role, content: m.image ? [{ type: 'text', text: m.text }, { type: 'image_url', image_url: { url: dataUrl(m.image) } }] : m.text }];
};
const parse = (input) => (typeof input === 'string' ? JSON.parse(input) : input);
const textOf = (content) => (typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join(''));

const say = (make) => async (target, { model, messages, tools, schema, stream, signal, on_piece, max }) => {
  const language = make(target, { model, ...(max ? { maxTokens: max, maxOutputTokens: max } : {}) });
  const request = {
    messages: messages.flatMap(message),
    ...(tools ? { tools: toolsOf(tools).map((f) => FunctionTool.from(() => '', f)) } : {}),
    ...(schema ? { responseFormat: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } } : {}),
  };
  const answer = stream ? await gather(await language.chat({ ...request, stream: true }), signal, on_piece) : (await language.chat(request)).message;
  return { raw: answer, text: textOf(answer.content), calls: (answer.options?.toolCall ?? []).map(({ id, name, input }) => ({ id, name, args: parse(input) })) };
};

async function gather(stream, signal, on_piece) {
  let text = '';
  const calls = new Map();
  for await (const chunk of stream) {
    if (chunk.delta) on_piece(chunk.delta);
    text += chunk.delta ?? '';
    for (const call of chunk.options?.toolCall ?? []) calls.set(call.id, call);
    if (signal?.aborted) break;
  }
  return { role: 'assistant', content: text, ...(calls.size > 0 ? { options: { toolCall: [...calls.values()] } } : {}) };
}

const embed = (make) => (target, model, texts) => make(target, { model }).getTextEmbeddings(texts);
const open = (target) => target;
const lacks = { stop: 'LlamaIndex passes no stop sequences.', abort: 'LlamaIndex has no way to abort a call.' };
const swallows = 'The client takes an error within a stream for its end, also without a hub.';
const no_schema = 'The client passes no schema.';
const repeats = 'The client repeats the last piece for each closing event, also without a hub.';

export const clients = [
  { name: 'llamaindex, OpenAI', speaks: 'openai', open, lacks, say: say(({ root, key }, o) => new OpenAI({ ...o, apiKey: key, baseURL: `${root}/v1`, maxRetries: 0 })),
    embed: embed(({ root, key }, o) => new OpenAIEmbedding({ ...o, apiKey: key, baseURL: `${root}/v1`, maxRetries: 0 })) },
  { name: 'llamaindex, OpenAIResponses', speaks: 'responses', open, lacks: { ...lacks, embeddings: 'The same class as of OpenAI above.', stream: repeats, 'tools, streamed': repeats, 'parallel tools, streamed': repeats, 'structured output': no_schema, 'broken streams': swallows }, say: say(({ root, key }, o) => new OpenAIResponses({ ...o, apiKey: key, baseURL: `${root}/v1`, maxRetries: 0 })) },
  // It looks for a version in the model's name before it offers tools, and takes its address from the environment.
  { name: 'llamaindex, Anthropic', speaks: 'anthropic', suffix: '~v=-4', lacks: { ...lacks, embeddings: 'Anthropic has no embeddings, so its client has none.', 'structured output': no_schema },
    open: (target) => {
      process.env.ANTHROPIC_BASE_URL = target.root;
      return target;
    },
    say: say(({ key }, o) => new Anthropic({ ...o, apiKey: key, maxRetries: 0 })) },
  { name: 'llamaindex, Gemini', speaks: 'gemini', open, lacks: { ...lacks, images: "The client uploads images to Google's files, which is no part of this API.", 'structured output': no_schema, 'broken streams': swallows }, say: say(({ root, key }, o) => new Gemini({ ...o, apiKey: key, httpOptions: { baseUrl: root }, requestOptions: { baseUrl: root } })),
    embed: embed(({ root, key }, o) => new GeminiEmbedding({ ...o, apiKey: key, httpOptions: { baseUrl: root } })) },
  { name: 'llamaindex, Ollama', speaks: 'ollama', open, lacks: { ...lacks, images: 'The client drops images.', 'structured output': no_schema }, say: say(({ root, key }, o) => new Ollama({ ...o, config: { host: root, headers: { authorization: `Bearer ${key}` } } })),
    embed: embed(({ root, key }, o) => new OllamaEmbedding({ ...o, config: { host: root, headers: { authorization: `Bearer ${key}` } } })) },
];
