// LangChain with its provider packages.
import { ChatAnthropic } from '@langchain/anthropic';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings } from '@langchain/google-genai';
import { ChatMistralAI, MistralAIEmbeddings } from '@langchain/mistralai';
import { ChatOllama, OllamaEmbeddings } from '@langchain/ollama';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { dataUrl, toolsOf } from '../neutral.mjs';

const message = (m) => {
  if (m.role === 'system') return [new SystemMessage(m.text)];
  if (m.role === 'assistant') return [m.raw];
  if (m.role === 'tool') return m.results.map(({ id, name, text }) => new ToolMessage({ tool_call_id: id, name, content: text }));
  return [new HumanMessage({ content: m.image ? [{ type: 'text', text: m.text }, { type: 'image_url', image_url: { url: dataUrl(m.image) } }] : m.text })];
};

const say = (make, { counts = true } = {}) => async (target, { model, messages, tools, schema, stream, signal, on_piece, max, stop }) => {
  let language = make(target, { model, maxRetries: 0, ...(max ? { maxTokens: max, maxOutputTokens: max, numPredict: max } : {}) }, stop);
  const list = messages.flatMap(message);
  const options = { signal, ...(stop ? { stop } : {}) };
  if (schema) return { text: JSON.stringify(await language.withStructuredOutput({ title: 'answer', ...schema }, { name: 'answer' }).invoke(list, options)), calls: [] };
  if (tools) language = language.bindTools(toolsOf(tools).map((f) => ({ type: 'function', function: f })));
  const whole = stream ? await gather(language, list, options, on_piece) : await language.invoke(list, options);
  const raw = stream ? new AIMessage({ content: whole.content, tool_calls: whole.tool_calls, additional_kwargs: whole.additional_kwargs, response_metadata: whole.response_metadata }) : whole;
  return { raw, text: whole.text, stop: whole.response_metadata.finish_reason ?? whole.response_metadata.stop_reason ?? whole.response_metadata.finishReason ?? whole.response_metadata.done_reason,
    usage: counts && { input: whole.usage_metadata?.input_tokens, output: whole.usage_metadata?.output_tokens }, calls: (whole.tool_calls ?? []).map(({ id, name, args }) => ({ id, name, args })) };
};

async function gather(language, list, options, on_piece) {
  let whole;
  for await (const chunk of await language.stream(list, options)) {
    if (chunk.text) on_piece(chunk.text);
    whole = whole ? whole.concat(chunk) : chunk;
  }
  return whole;
}

const embed = (make) => (target, model, texts) => make(target, { model, maxRetries: 0 }).embedDocuments(texts);
const open = (target) => target;
const leaves = 'The client stops reading and leaves its connection open, also without a hub.';

export const clients = [
  { name: 'langchain, ChatOpenAI', speaks: 'openai', open, say: say(({ root, key }, o) => new ChatOpenAI({ ...o, apiKey: key, configuration: { baseURL: `${root}/v1` }, useResponsesApi: false })),
    embed: embed(({ root, key }, o) => new OpenAIEmbeddings({ ...o, apiKey: key, configuration: { baseURL: `${root}/v1` } })) },
  { name: 'langchain, ChatOpenAI Responses', speaks: 'responses', open, say: say(({ root, key }, o) => new ChatOpenAI({ ...o, apiKey: key, configuration: { baseURL: `${root}/v1` }, useResponsesApi: true })),
    lacks: { stop: 'The Responses API has no stop sequences.', embeddings: 'The same class as of ChatOpenAI above.' } },
  // It adds up the counts of message_start and message_delta, which are cumulative.
  { name: 'langchain, ChatAnthropic', speaks: 'anthropic', open, say: say(({ root, key }, o) => new ChatAnthropic({ ...o, anthropicApiKey: key, anthropicApiUrl: root }), { counts: false }), lacks: { embeddings: 'Anthropic has no embeddings, so its client has none.' } },
  // The client allows images only for models whose names it knows to see.
  { name: 'langchain, ChatGoogleGenerativeAI', speaks: 'gemini', open, suffix: '~v=vision', lacks: { 'broken streams': 'The client takes an error within a stream for its end, also without a hub.' }, say: say(({ root, key }, o, stop) => new ChatGoogleGenerativeAI({ ...o, ...(stop ? { stopSequences: stop } : {}), apiKey: key, baseUrl: root })),
    embed: embed(({ root, key }, o) => new GoogleGenerativeAIEmbeddings({ ...o, apiKey: key, baseUrl: root })) },
  { name: 'langchain, ChatMistralAI', speaks: 'mistral', open, lacks: { stop: 'The client passes no stop sequences.', abort: leaves }, say: say(({ root, key }, o) => new ChatMistralAI({ ...o, apiKey: key, serverURL: root })),
    embed: embed(({ root, key }, o) => new MistralAIEmbeddings({ ...o, apiKey: key, serverURL: root })) },
  { name: 'langchain, ChatOllama', speaks: 'ollama', open, lacks: { abort: leaves }, say: say(({ root, key }, o) => new ChatOllama({ ...o, baseUrl: root, headers: { authorization: `Bearer ${key}` } })),
    embed: embed(({ root, key }, o) => new OllamaEmbeddings({ ...o, baseUrl: root, headers: { authorization: `Bearer ${key}` } })) },
];
