// Google's Gemini API: generateContent, streamGenerateContent (server-sent events, or an array), embeddings, countTokens, models.
import { geminiChunks, geminiWhole } from './gemini_answers.mjs';
import { camel, checkContents, embedShape, batchShape, generateShape, say } from './gemini_rules.mjs';
import { embed, embedder, names } from './models.mjs';
import { reply } from './openai.mjs';
import { Play } from './play.mjs';
import { isKey, isObject, Refusal } from './shapes.mjs';

const statuses = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE', 504: 'DEADLINE_EXCEEDED' };

function error(refusal) {
  const { status, message, details } = refusal;
  return { status, headers: {}, body: { error: { code: status, message, status: statuses[status] ?? 'UNKNOWN', ...(details ? { details } : {}) } } };
}

function authorise({ req, url }, key) {
  const given = req.headers['x-goog-api-key'] ?? url.searchParams.get('key');
  if (!given) throw new Refusal(403, 'permission', "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.");
  if (key && !isKey(given, key))
    throw new Refusal(400, 'auth', 'API key not valid. Please pass a valid API key.', { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }] });
}

const plain = (content) => (content?.parts ?? []).filter((p) => p.text !== undefined && !p.thought).map((p) => p.text).join('');
const said = (response) => (isObject(response) ? response.output ?? response.result ?? response.content ?? response.error ?? JSON.stringify(response) : String(response));
const asText = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
const pictures = (parts) => (parts ?? []).filter((p) => p.inlineData).map((p) => ({ media: p.inlineData.mimeType, bytes: Buffer.from(p.inlineData.data, 'base64') }));

function see(model, stream, body) {
  const { contents } = body;
  const last = contents.findLastIndex((c) => c.role === 'model');
  const fresh = contents.slice(last + 1).flatMap((c) => c.parts);
  const config = body.generationConfig ?? {};
  const calling = body.toolConfig?.functionCallingConfig ?? {};
  const chosen = calling.mode === 'ANY' && calling.allowedFunctionNames?.length === 1 ? { name: calling.allowedFunctionNames[0] } : { ANY: 'any', NONE: 'none' }[calling.mode] ?? 'auto';
  return {
    model,
    stream,
    system: plain(body.systemInstruction),
    user: plain(contents.findLast((c) => c.role !== 'model' && plain(c))),
    turns: contents.length,
    tools: (body.tools ?? []).flatMap((t) => t.functionDeclarations ?? []).map((f) => ({ name: f.name, schema: f.parametersJsonSchema ?? f.parameters })),
    choice: chosen,
    results: fresh.filter((p) => p.functionResponse).map(({ functionResponse: r }) => ({ id: r.id, name: r.name, text: asText(said(r.response)), error: isObject(r.response) && r.response.error !== undefined, images: pictures(r.parts) })),
    images: contents.flatMap((c) => pictures(c.parts)),
    schema: config.responseJsonSchema ?? config.responseSchema ?? config.responseFormat?.schema,
    json: config.responseMimeType === 'application/json',
    stop: config.stopSequences ?? [],
    max: config.maxOutputTokens,
    thinks: config.thinkingConfig?.includeThoughts ?? false,
    history: contents.flatMap((c) => c.parts).filter((p) => p.functionCall).map((p) => ({ name: p.functionCall.name, args: p.functionCall.args })),
  };
}

const eventLine = (value) => `data: ${JSON.stringify(value)}\r\n\r\n`;
const sse = { type: () => 'text/event-stream', whole: geminiWhole, events: (...all) => geminiChunks(...all).map(eventLine), error_event: (refusal) => eventLine(error(refusal).body) };
const array = {
  type: () => 'application/json; charset=UTF-8',
  whole: geminiWhole,
  events: (...all) => [...geminiChunks(...all).map((chunk, n) => `${n === 0 ? '[' : ',\r\n'}${JSON.stringify(chunk, null, 2)}`), ']'],
  error_event: (refusal) => `,\r\n${JSON.stringify(error(refusal).body, null, 2)}\n]`,
};

const model = (exchange) => decodeURIComponent(exchange.match[1]);
const generate = (stream) => async (exchange) => {
  generateShape(exchange.json, '', say);
  const body = camel(exchange.json);
  const seen = see(model(exchange), stream, body);
  checkContents(body, seen);
  await new Play(exchange, gemini, seen, exchange.url.searchParams.get('alt') === 'sse' ? sse : array).run();
};

const values = (request) => ({ values: embed(plain(request.content), request.outputDimensionality ?? request.embedContentConfig?.outputDimensionality) });
const limits = { inputTokenLimit: 1048576, outputTokenLimit: 65536 };
const card = (name) => ({ name: `models/${name}`, version: '001', displayName: `Simulated ${name}`, description: 'simulated', ...limits,
  supportedGenerationMethods: name === embedder ? ['embedContent'] : ['generateContent', 'countTokens'] });

export const gemini = { name: 'gemini', error, authorise };
const method = (name, handle) => ({ method: 'POST', path: new RegExp(`^/v1(?:beta)?/models/([^/]+):${name}$`), handle });
gemini.routes = [
  method('generateContent', generate(false)),
  method('streamGenerateContent', generate(true)),
  method('embedContent', (exchange) => {
    embedShape(exchange.json, '', say);
    reply(exchange, { embedding: values(camel(exchange.json)) });
  }),
  method('batchEmbedContents', (exchange) => {
    batchShape(exchange.json, '', say);
    const { requests } = camel(exchange.json);
    const other = requests.find((one) => one.model !== `models/${model(exchange)}`);
    if (other) throw new Refusal(400, 'invalid', `* BatchEmbedContentsRequest.requests: model "${other.model}" does not match the model in the path`);
    reply(exchange, { embeddings: requests.map(values) });
  }),
  method('countTokens', (exchange) => {
    const { contents, generateContentRequest } = camel(exchange.json);
    if (!contents && !generateContentRequest) throw new Refusal(400, 'invalid', '* CountTokensRequest.contents: contents is not specified');
    reply(exchange, { totalTokens: 21, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 21 }] });
  }),
  { method: 'GET', path: /^\/v1(?:beta)?\/models$/, handle: (exchange) => reply(exchange, { models: [...names, embedder].map(card) }) },
  { method: 'GET', path: /^\/v1(?:beta)?\/models\/([^/:]+)$/, handle: (exchange) => {
    if (![...names, embedder].includes(model(exchange))) throw new Refusal(404, 'not_found', `models/${model(exchange)} is not found for API version v1beta`);
    reply(exchange, card(model(exchange)));
  } },
];
