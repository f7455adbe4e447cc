// One question to a model, as any client would ask: POST /v1/chat/completions of this hub, answered as a stream.
import { ApiError } from './client';

/** The `data:` of server-sent events, from text that comes in any portions. */
export class EventReader {
  private rest = '';

  take(text: string): string[] {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    return lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim());
  }
}

export interface Answered {
  target: string; // who answered: "provider/model" or "engine@node/model"
  inputTokens: number | null; // null: it did not say
  outputTokens: number | null;
}

interface Chunk {
  choices?: { delta?: { content?: string | null; reasoning_content?: string | null } }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
  error?: { message?: string };
}

/** Gives each piece of the answer to `onText` as it comes. Throws ApiError; an abort by `signal` throws what fetch throws. */
export async function ask(question: { model: string; prompt: string }, signal: AbortSignal, onText: (piece: string) => void): Promise<Answered> {
  const body = { model: question.model || 'default', messages: [{ role: 'user', content: question.prompt }], stream: true, stream_options: { include_usage: true } };
  let reply: Response;
  try {
    reply = await fetch('/v1/chat/completions', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, '', '');
  }
  if (!reply.ok || !reply.body) {
    const told = (await reply.json().catch(() => null)) as { error?: { message?: string; hint?: string } } | null;
    throw new ApiError(reply.status, told?.error?.message ?? `HTTP ${reply.status}`, told?.error?.hint ?? '');
  }
  const out: Answered = { target: reply.headers.get('x-flotte-target') ?? question.model, inputTokens: null, outputTokens: null };
  const events = new EventReader();
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return out;
    for (const data of events.take(value)) take(data, out, onText);
  }
}

function take(data: string, out: Answered, onText: (piece: string) => void): void {
  if (data === '[DONE]') return;
  const chunk = JSON.parse(data) as Chunk;
  if (chunk.error) throw new ApiError(502, chunk.error.message ?? 'the answer broke off', '');
  const piece = chunk.choices?.[0]?.delta?.content;
  if (piece) onText(piece);
  if (chunk.usage) {
    out.inputTokens = chunk.usage.prompt_tokens ?? null;
    out.outputTokens = chunk.usage.completion_tokens ?? null;
  }
}
