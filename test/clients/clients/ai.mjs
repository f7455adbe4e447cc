// Vercel's ai package with its provider packages.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createMistral } from '@ai-sdk/mistral';
import { createOpenAI } from '@ai-sdk/openai';
import { embedMany, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { toolsOf } from '../neutral.mjs';

const message = (m) => {
  if (m.role === 'system') return [];
  if (m.role === 'assistant') return m.raw;
  if (m.role === 'tool') return [{ role: 'tool', content: m.results.map(({ id, name, text }) => ({ type: 'tool-result', toolCallId: id, toolName: name, output: { type: 'text', value: text } })) }];
  return [{ role: m.role, content: m.image ? [{ type: 'text', text: m.text }, { type: 'file', data: m.image.bytes, mediaType: m.image.media }] : m.text }];
};

async function say({ model: language }, { model, messages, tools, schema, stream, signal, on_piece, max, stop }) {
  const request = {
    model: language(model),
    messages: messages.flatMap(message),
    system: messages.find((m) => m.role === 'system')?.text,
    maxRetries: 0,
    abortSignal: signal,
    ...(tools ? { tools: Object.fromEntries(toolsOf(tools).map((f) => [f.name, tool({ description: f.description, inputSchema: jsonSchema(f.parameters) })])) } : {}),
    ...(schema ? { output: Output.object({ schema: jsonSchema(schema) }) } : {}),
    ...(max ? { maxOutputTokens: max } : {}),
    ...(stop ? { stopSequences: stop } : {}),
  };
  const whole = stream ? await gather(request, on_piece) : await generateText(request);
  const usage = await whole.usage;
  return { raw: (await whole.response).messages, text: await whole.text, stop: await whole.finishReason, thinking: await whole.reasoningText, usage: { input: usage.inputTokens, output: usage.outputTokens },
    calls: (await whole.toolCalls).map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, args: input })) };
}

async function gather(request, on_piece) {
  let problem;
  const result = streamText({ ...request, onError: ({ error }) => (problem = error) });
  for await (const text of result.textStream) on_piece(text);
  if (problem) throw problem;
  if (request.abortSignal?.aborted) throw new Error('aborted');
  if ((await result.finishReason) === 'error') throw new Error('the stream ended in an error');
  return result;
}

const embedder = (make) => async (client, model, texts) => (await embedMany({ model: make(client)(model), values: texts, maxRetries: 0 })).embeddings;
const withModel = (create, pick) => (target) => {
  const provider = create(target);
  return { provider, model: pick(provider) };
};

export const clients = [
  { name: 'ai, @ai-sdk/openai chat', speaks: 'openai', say, open: withModel(({ root, key }) => createOpenAI({ apiKey: key, baseURL: `${root}/v1` }), (p) => p.chat), embed: embedder(({ provider }) => provider.embedding) },
  { name: 'ai, @ai-sdk/openai Responses', speaks: 'responses', say, open: withModel(({ root, key }) => createOpenAI({ apiKey: key, baseURL: `${root}/v1` }), (p) => p.responses), embed: embedder(({ provider }) => provider.embedding),
    lacks: { stop: 'The Responses API has no stop sequences.' } },
  { name: 'ai, @ai-sdk/anthropic', speaks: 'anthropic', say, open: withModel(({ root, key }) => createAnthropic({ apiKey: key, baseURL: `${root}/v1` }), (p) => p), lacks: { embeddings: 'Anthropic has no embeddings, so its client has none.' } },
  { name: 'ai, @ai-sdk/google', speaks: 'gemini', say, open: withModel(({ root, key }) => createGoogleGenerativeAI({ apiKey: key, baseURL: `${root}/v1beta` }), (p) => p), embed: embedder(({ provider }) => provider.embedding) },
  { name: 'ai, @ai-sdk/mistral', speaks: 'mistral', say, open: withModel(({ root, key }) => createMistral({ apiKey: key, baseURL: `${root}/v1` }), (p) => p), embed: embedder(({ provider }) => provider.embedding) },
];
