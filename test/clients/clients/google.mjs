// The official Google client.
import { GoogleGenAI } from '@google/genai';
import { toolsOf } from '../neutral.mjs';

const content = (m) => {
  if (m.role === 'system') return [];
  if (m.role === 'assistant') return [m.raw];
  if (m.role === 'tool') return [{ role: 'user', parts: m.results.map(({ id, name, text }) => ({ functionResponse: { ...(id ? { id } : {}), name, response: { output: text } } })) }];
  return [{ role: 'user', parts: [{ text: m.text }, ...(m.image ? [{ inlineData: { mimeType: m.image.media, data: m.image.bytes.toString('base64') } }] : [])] }];
};

export const google = {
  name: '@google/genai',
  speaks: 'gemini',
  open: ({ root, key }) => new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: root, retryOptions: { attempts: 1 } } }),
  async say(client, { model, messages, tools, schema, stream, signal, on_piece, max, stop, thinks }) {
    const system = messages.find((m) => m.role === 'system')?.text;
    const request = { model, contents: messages.flatMap(content), config: {
      ...(system ? { systemInstruction: system } : {}),
      ...(tools ? { tools: [{ functionDeclarations: toolsOf(tools).map(({ parameters, ...rest }) => ({ ...rest, parametersJsonSchema: parameters })) }] } : {}),
      ...(schema ? { responseMimeType: 'application/json', responseJsonSchema: schema } : {}),
      ...(max ? { maxOutputTokens: max } : {}),
      ...(stop ? { stopSequences: stop } : {}),
      ...(thinks ? { thinkingConfig: { includeThoughts: true } } : {}),
      abortSignal: signal,
    } };
    const { parts, finishReason, usage } = stream ? await gather(client, request, on_piece) : first(await client.models.generateContent(request));
    return { raw: { role: 'model', parts }, text: parts.filter((p) => p.text && !p.thought).map((p) => p.text).join(''), stop: finishReason,
      thinking: parts.filter((p) => p.thought).map((p) => p.text).join(''),
      refusal: finishReason === 'SAFETY' ? 'SAFETY' : undefined,
      usage: { input: usage?.promptTokenCount, output: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0) },
      calls: parts.filter((p) => p.functionCall).map(({ functionCall: f }) => ({ id: f.id, name: f.name, args: f.args })) };
  },
  embed: async (client, model, texts) => (await client.models.embedContent({ model, contents: texts })).embeddings.map((one) => one.values),
  async models(client) {
    const all = [];
    for await (const model of await client.models.list()) all.push(model.name);
    return all;
  },
  count: async (client, model, text) => (await client.models.countTokens({ model, contents: text })).totalTokens,
};

const first = (response) => ({ parts: response.candidates?.[0]?.content?.parts ?? [], finishReason: response.candidates?.[0]?.finishReason ?? response.promptFeedback?.blockReason, usage: response.usageMetadata });

async function gather(client, request, on_piece) {
  const all = { parts: [] };
  for await (const chunk of await client.models.generateContentStream(request)) {
    const { parts, finishReason, usage } = first(chunk);
    for (const part of parts) if (part.text && !part.thought) on_piece(part.text);
    all.parts.push(...parts.filter((part) => part.text !== '' || part.thoughtSignature));
    all.finishReason = finishReason ?? all.finishReason;
    all.usage = usage ?? all.usage;
  }
  if (!all.finishReason) throw new Error('the stream ended without a finish reason');
  return all;
}
