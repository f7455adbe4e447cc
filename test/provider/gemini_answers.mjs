// An answer as a GenerateContentResponse, whole and in chunks.
import { pieces } from './scenario.mjs';

const reasons = { end: 'STOP', stop: 'STOP', calls: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' };

function usageOf({ usage }, output = usage.output - usage.reasoning) {
  return { promptTokenCount: usage.input, cachedContentTokenCount: usage.cached, candidatesTokenCount: output, ...(usage.reasoning > 0 ? { thoughtsTokenCount: usage.reasoning } : {}),
    totalTokenCount: usage.input + usage.reasoning + output, promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.input }] };
}

/** Calls have ids only where they are asked for (`~ids=1`), as with the real API's older models. */
function callPart(call, n, answer, { options }) {
  return { functionCall: { ...(options.ids ? { id: call.id } : {}), name: call.name, args: call.args }, ...(answer.thinking && n === 0 ? { thoughtSignature: answer.thinking.signature } : {}) };
}

const chunkOf = ({ id, model }, parts, usageMetadata, finishReason) => ({
  candidates: [{ ...(parts.length > 0 || !finishReason || finishReason === 'STOP' ? { content: { parts, role: 'model' } } : {}), ...(finishReason ? { finishReason } : {}), index: 0,
    ...(finishReason === 'SAFETY' ? { safetyRatings: [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true }] } : {}) }],
  usageMetadata,
  modelVersion: model,
  responseId: id,
});

export function geminiWhole(answer, context) {
  const parts = [];
  if (answer.thinking) parts.push({ text: answer.thinking.text, thought: true });
  if (answer.text !== undefined) parts.push({ text: answer.text, ...(answer.thinking && answer.calls.length === 0 ? { thoughtSignature: answer.thinking.signature } : {}) });
  parts.push(...answer.calls.map((call, n) => callPart(call, n, answer, context)));
  return chunkOf(context, parts, usageOf(answer), reasons[answer.stop]);
}

export function geminiChunks(answer, context) {
  const parts = [
    ...pieces(answer.thinking?.text ?? '').map((text) => ({ text, thought: true })),
    ...pieces(answer.text ?? '').map((text) => ({ text })),
    ...answer.calls.map((call, n) => callPart(call, n, answer, context)),
  ];
  const chunks = parts.map((part, n) => chunkOf(context, [part], usageOf(answer, n)));
  // A signature of a text comes with an empty text at the end.
  const last = answer.stop === 'refused' ? [] : [{ text: '', ...(answer.thinking && answer.calls.length === 0 ? { thoughtSignature: answer.thinking.signature } : {}) }];
  return [...chunks, chunkOf(context, last, usageOf(answer), reasons[answer.stop])];
}
