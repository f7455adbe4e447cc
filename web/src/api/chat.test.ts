import { afterEach, describe, expect, it, vi } from 'vitest';
import { ask, EventReader } from './chat';
import { ApiError } from './client';

const stream = 'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\r\n\r\n: still here\n\ndata: {"choices":[{"delta":{"content":"Die "}}]}\n\ndata: {"choices":[{"delta":{"content":"Flotte 日本"}}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}}\n\ndata: [DONE]\n\n';

function answerWith(bytes: Uint8Array, portion: number, head: ResponseInit = { headers: { 'x-flotte-target': 'local/tiny' } }) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += portion) controller.enqueue(bytes.slice(at, at + portion));
      controller.close();
    },
  });
  const fetch = vi.fn(async (_path: string, _request: RequestInit) => new Response(body, head));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

afterEach(() => vi.unstubAllGlobals());

describe('EventReader', () => {
  it('gives the same events however the text is cut', () => {
    const whole = new EventReader().take(stream);
    for (let cut = 1; cut < stream.length; cut++) {
      const reader = new EventReader();
      expect([...reader.take(stream.slice(0, cut)), ...reader.take(stream.slice(cut))]).toEqual(whole);
    }
    expect(whole.length).toBe(5);
  });
});

describe('ask', () => {
  it('gives the pieces as they come, also where a character is cut in two, and says who answered', async () => {
    const fetch = answerWith(new TextEncoder().encode(stream), 7);
    const pieces: string[] = [];
    const done = await ask({ model: '', prompt: 'Hallo' }, new AbortController().signal, (piece) => pieces.push(piece));
    expect(pieces).toEqual(['Die ', 'Flotte 日本']);
    expect(done).toEqual({ target: 'local/tiny', inputTokens: 9, outputTokens: 2 });
    expect(JSON.parse(String(fetch.mock.calls[0]?.[1].body))).toMatchObject({ model: 'default', stream: true, messages: [{ role: 'user', content: 'Hallo' }] });
  });
  it('passes on what the hub says where it refuses', async () => {
    answerWith(new TextEncoder().encode('{"error":{"message":"no model can be asked yet"}}'), 99, { status: 503 });
    await expect(ask({ model: 'x', prompt: 'y' }, new AbortController().signal, () => undefined)).rejects.toMatchObject({ status: 503, message: 'no model can be asked yet' });
  });
  it('fails where the stream carries an error', async () => {
    answerWith(new TextEncoder().encode('data: {"error":{"message":"overloaded"}}\n\n'), 99);
    await expect(ask({ model: 'x', prompt: 'y' }, new AbortController().signal, () => undefined)).rejects.toBeInstanceOf(ApiError);
  });
});
