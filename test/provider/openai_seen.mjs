// A chat request, as the scenarios see it.
import { Refusal } from './shapes.mjs';

const plain = (content) => (typeof content === 'string' ? content : (content ?? []).filter((p) => p.type === 'text').map((p) => p.text).join(''));

/** `data:image/png;base64,...` as bytes; anything else cannot be fetched from here. */
export function dataUrl(url) {
  const found = /^data:([\w/.+-]+);base64,([A-Za-z0-9+/=]+)$/.exec(url);
  if (!found) throw new Refusal(400, 'invalid', 'Invalid image URL: expected a base64 data URL (simulated: nothing is fetched).', { param: 'messages', code: 'invalid_image_url' });
  return { media: found[1], bytes: Buffer.from(found[2], 'base64') };
}

const pictures = (content) => (Array.isArray(content) ? content : [])
  .filter((part) => part.type === 'image_url')
  .map((part) => dataUrl(typeof part.image_url === 'string' ? part.image_url : part.image_url.url));

export function chatSeen(body) {
  const { messages } = body;
  const last = messages.findLastIndex((m) => m.role === 'assistant');
  const names = new Map(messages.flatMap((m) => m.tool_calls ?? []).map((call) => [call.id, call.function?.name]));
  const choice = body.tool_choice ?? 'auto';
  const format = body.response_format ?? {};
  return {
    model: body.model,
    stream: body.stream ?? false,
    usage: body.stream_options?.include_usage ?? false,
    system: messages.filter((m) => ['system', 'developer'].includes(m.role)).map((m) => plain(m.content)).join('\n'),
    user: plain(messages.findLast((m) => m.role === 'user')?.content),
    turns: messages.length,
    tools: (body.tools ?? []).filter((tool) => tool.type === 'function').map(({ function: f }) => ({ name: f.name, schema: f.parameters })),
    choice: typeof choice === 'object' ? { name: choice.function?.name } : choice === 'required' ? 'any' : choice,
    results: messages.slice(last + 1).filter((m) => m.role === 'tool').map((m) => ({ id: m.tool_call_id, name: names.get(m.tool_call_id), text: plain(m.content), images: [] })),
    images: messages.flatMap((m) => pictures(m.content)),
    schema: format.json_schema?.schema ?? format.json_schema?.schema_definition,
    json: format.type === 'json_object',
    stop: [body.stop ?? []].flat(),
    max: body.max_completion_tokens ?? body.max_tokens,
    thinks: body.reasoning_effort !== undefined,
    history: messages.filter((m) => m.role === 'assistant').flatMap((m) => m.tool_calls ?? []).map((call) => ({ name: call.function?.name, args: call.function?.arguments })),
  };
}
