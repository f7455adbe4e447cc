// What the Gemini API accepts: protocol buffers' JSON (camelCase or snake_case), a small part of JSON schema, turns in order.
import { sign, thought } from './scenario.mjs';
import { any, at, either, flag, integer, isObject, list, map, matching, number, object, Refusal, text, word } from './shapes.mjs';
import { walk } from './schema.mjs';

const refuse = (message) => {
  throw new Refusal(400, 'invalid', message);
};
const camelWord = (word) => word.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const unknown = (path, key) => refuse(`Invalid JSON payload received. Unknown name "${key}"${path ? ` at '${path}'` : ''}: Cannot find field.`);
export const say = {
  at,
  name: camelWord,
  null_is_absent: true,
  wrong: (path, expected, value) => refuse(`Invalid value at '${path}' (expected ${expected}), ${JSON.stringify(value)}`),
  unknown,
  missing: (path, key) => refuse(`* GenerateContentRequest.${at(path, key)}: ${key} is not specified`),
  refuse: (path, message) => refuse(`Invalid value at '${path}': ${message}`),
};

/** What people's data is, not the API's names: left alone. */
const data = new Set(['args', 'response', 'parameters', 'parametersJsonSchema', 'responseSchema', 'responseJsonSchema', 'responseFormat', 'labels']);
export function camel(value) {
  if (Array.isArray(value)) return value.map(camel);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camelWord(key), data.has(camelWord(key)) ? item : camel(item)]));
}

const schemaFields = new Set(['type', 'format', 'title', 'description', 'nullable', 'enum', 'items', 'maxItems', 'minItems', 'properties', 'required', 'minProperties', 'maxProperties', 'minLength', 'maxLength',
  'pattern', 'example', 'anyOf', 'propertyOrdering', 'default', 'minimum', 'maximum']);
const schema = (value, path, is) => {
  map(value, path, is);
  walk(value, (part, below) => {
    for (const key of Object.keys(part)) if (!schemaFields.has(camelWord(key))) unknown(`${path}${below}`, key);
    if (Array.isArray(part.type)) refuse(`Invalid value at '${path}${below}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), ${JSON.stringify(part.type)}: Proto field is not repeating, cannot start list.`);
    if (part.type && !/^(object|string|number|integer|boolean|array|null|type_unspecified)$/i.test(part.type)) refuse(`Invalid value at '${path}${below}.type': "${part.type}"`);
    if (/^object$/i.test(part.type ?? '') && path.includes('response') && part.properties && Object.keys(part.properties).length === 0) refuse(`* ${path}${below}.properties: should be non-empty for OBJECT type`);
    if (part.enum && part.enum.some((one) => typeof one !== 'string')) refuse(`Invalid value at '${path}${below}.enum[0]' (TYPE_STRING)`);
    if (part.enum && !/^string$/i.test(part.type ?? 'string')) refuse(`* ${path}${below}.enum: only allowed for STRING type`);
  });
};
/** Where plain JSON schema is taken, references within it are too. */
const jsonSchema = map;

const base64 = matching(/^[A-Za-z0-9+/_-]+=*$/);
const blob = object({ 'mimeType!': text, 'data!': base64, displayName: text });
const callShape = object({ id: text, 'name!': matching(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/), args: map, partialArgs: any, willContinue: flag });
const responsePart = object({ inlineData: blob, fileData: map });
const responseShape = object({ id: text, 'name!': text, 'response!': map, willContinue: flag, scheduling: text, parts: list(responsePart) });
const partShape = object({ text, thought: flag, thoughtSignature: base64, inlineData: blob, fileData: object({ mimeType: text, 'fileUri!': text }), functionCall: callShape, functionResponse: responseShape,
  executableCode: map, codeExecutionResult: map, videoMetadata: map, mediaResolution: map, partMetadata: map, toolCall: map, toolResponse: map });
const kinds = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', 'executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'];
const part = (value, path, is) => {
  partShape(value, path, is);
  const given = kinds.filter((key) => camel(value)[key] !== undefined);
  if (given.length === 0 && !camel(value).thoughtSignature) refuse(`* GenerateContentRequest.${path}.data: required oneof field 'data' must have one initialized field`);
  if (given.length > 1) refuse(`Invalid value at '${path}' (oneof), oneof field 'data' is already set. Cannot set '${given[1]}'`);
};
const content = object({ role: word('user', 'model', 'function'), 'parts!': list(part, { least: 1 }) });
const system = object({ role: text, 'parts!': list(part, { least: 1 }) });
const declaration = object({ 'name!': matching(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/), description: text, parameters: schema, parametersJsonSchema: jsonSchema, response: schema, responseJsonSchema: jsonSchema, behavior: text });
const tool = object({ functionDeclarations: list(declaration), googleSearch: map, googleSearchRetrieval: map, codeExecution: map, urlContext: map, computerUse: map, googleMaps: map, fileSearch: map, mcpServers: any });
const config = object({ temperature: number(0, 2), topP: number(0, 1), topK: number(0), candidateCount: integer(1), maxOutputTokens: integer(1), stopSequences: list(text), responseLogprobs: flag, logprobs: integer(0),
  presencePenalty: number(-2, 2), frequencyPenalty: number(-2, 2), seed: integer(), responseMimeType: text, responseSchema: schema, responseJsonSchema: jsonSchema, responseFormat: any, responseModalities: list(text),
  mediaResolution: text, speechConfig: map, thinkingConfig: object({ includeThoughts: flag, thinkingBudget: integer(-1), thinkingLevel: either([(v) => typeof v === 'string', text]) }), imageConfig: map, enableEnhancedCivicAnswers: flag });
export const generateShape = object({ model: text, 'contents!': list(content, { least: 1 }), systemInstruction: system, tools: list(tool),
  toolConfig: object({ functionCallingConfig: object({ mode: word('AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED'), allowedFunctionNames: list(text), streamFunctionCallArguments: flag }), retrievalConfig: map, includeServerSideToolInvocations: flag }),
  safetySettings: list(object({ 'category!': text, 'threshold!': text, method: text })), generationConfig: config, cachedContent: text, labels: map, store: flag, serviceTier: text });
const embedding = { model: text, 'content!': system, taskType: text, title: text, outputDimensionality: integer(1), autoTruncate: flag, embedContentConfig: map };
export const embedShape = object(embedding);
export const batchShape = object({ 'requests!': list(object({ ...embedding, 'model!': text }), { least: 1 }) });

const migrated = new Set(['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']);

/** Neighbours of one role are one turn: LangChain sends each function's response in a content of its own. */
function turnsOf(contents) {
  const turns = [];
  for (const c of contents) {
    const role = c.role === 'model' ? 'model' : 'user';
    if (turns.at(-1)?.role === role) turns.at(-1).parts.push(...c.parts);
    else turns.push({ role, parts: [...c.parts] });
  }
  return turns;
}

export function checkContents({ contents: given, generationConfig = {} }, seen) {
  const contents = turnsOf(given);
  contents.forEach((c, n) => {
    const calls = c.parts.filter((p) => p.functionCall);
    const responses = c.parts.filter((p) => p.functionResponse);
    if (c.role === 'model' && responses.length > 0) refuse('Please ensure that function response turn comes immediately after a function call turn.');
    const before = contents[n - 1];
    if (calls.length > 0) {
      if (c.role !== 'model') refuse('Please use a valid role: user, model.');
      if (!before) refuse('Please ensure that function call turn comes immediately after a user turn or after a function response turn.');
      const answered = (contents[n + 1]?.parts ?? []).filter((p) => p.functionResponse);
      if (answered.length !== calls.length) refuse('Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.');
      if (seen.model.startsWith('thinking') && !calls[0].thoughtSignature)
        refuse(`Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly. Function call \`${calls[0].functionCall.name}\`, position ${n + 1}.`);
    }
    const asked = (before?.parts ?? []).filter((p) => p.functionCall);
    if (responses.length > 0 && asked.length === 0) refuse('Please ensure that function response turn comes immediately after a function call turn.');
    const names = asked.map((p) => p.functionCall.name).sort().join();
    if (responses.length > 0 && responses.map((p) => p.functionResponse.name).sort().join() !== names) refuse(`Function responses must have the names of the calls: ${names}`);
    for (const p of c.parts) if (p.thoughtSignature && p.thoughtSignature !== sign(thought) && !migrated.has(p.thoughtSignature)) refuse('Corrupted thought signature.');
  });
  if ((generationConfig.responseSchema || generationConfig.responseJsonSchema) && generationConfig.responseMimeType !== 'application/json')
    refuse(`Unable to submit request because responseSchema is set and responseMimeType is '${generationConfig.responseMimeType ?? 'text/plain'}'; it must be 'application/json'.`);
  if (generationConfig.responseSchema && generationConfig.responseJsonSchema) refuse('Only one of responseSchema and responseJsonSchema may be set.');
}
