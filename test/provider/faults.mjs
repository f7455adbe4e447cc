// What goes wrong, and when. A fault gets a play: {exchange, dialect, seen, options, whole(), events(), send(chunks), respond(status, type, body, headers), pause(ms)}.
import { Refusal } from './shapes.mjs';

/** Every way in which an API says 429; each throws what the named API answers. `seconds` is when it may be tried again. */
const limits = {
  seconds: (s) => ({ headers: { 'retry-after': String(s) } }),
  date: (s) => ({ headers: { 'retry-after': new Date(Date.now() + s * 1000).toUTCString() } }),
  ms: (s) => ({ headers: { 'retry-after-ms': String(s * 1000) } }),
  none: () => ({}),
  openai: (s) => ({ headers: { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': `${s}s`, 'x-ratelimit-remaining-tokens': '4000', 'x-ratelimit-reset-tokens': '6m0s' } }),
  anthropic: (s) => ({ headers: { 'retry-after': String(s), 'anthropic-ratelimit-requests-limit': '50', 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': new Date(Date.now() + s * 1000).toISOString() } }),
  gemini: (s) => ({ details: [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests', quotaId: 'GenerateRequestsPerMinutePerProjectPerModel', quotaValue: '10' }] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${s}s` } ] }),
  quota: () => ({ kind: 'insufficient_quota', message: 'You exceeded your current quota, please check your plan and billing details.' }),
};

const html = '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1>simulated</body></html>\n';

const faults = {
  rate: (play) => {
    const { kind = 'seconds', s = '7' } = play.options;
    const more = (limits[kind] ?? limits.seconds)(Number(s));
    throw new Refusal(429, 'rate_limit', 'Rate limit reached (simulated).', more);
  },
  status: (play) => {
    const status = Number(play.options.code ?? 500);
    throw new Refusal(status, { 400: 'invalid', 401: 'auth', 403: 'permission', 404: 'not_found', 413: 'too_large', 529: 'overloaded', 503: 'overloaded' }[status] ?? 'server', `simulated ${status}`);
  },
  slow: async (play) => (await play.pause(Number(play.options.ms ?? 1000))) && play.normal(),
  /** The head at once, the first event late. */
  silent: async (play) => {
    play.begin();
    if (await play.pause(Number(play.options.ms ?? 1000))) await play.normal();
  },
  gaps: (play) => play.normal({ gap: Number(play.options.ms ?? 100) }),
  drip: (play) => play.normal({ drip: true }),
  cut: async (play) => {
    if (play.seen.stream) {
      play.begin();
      await play.send(play.events().slice(0, Number(play.options.after ?? 2)));
    } else {
      const body = play.whole();
      play.head(200, 'application/json', { 'content-length': String(Buffer.byteLength(body)) });
      await play.send([body.slice(0, body.length / 2)]);
    }
    play.destroy();
  },
  /** A clean end of the body where the reason to stop is missing. */
  no_end: (play) => play.normal({ events: play.events().slice(0, 3) }),
  error_inside: async (play) => {
    const overload = new Refusal(503, 'overloaded', 'simulated overload');
    const body = JSON.stringify(play.dialect.error(overload).body);
    if (!play.seen.stream) return play.respond(200, 'application/json', body);
    return play.normal({ events: [...play.events().slice(0, Number(play.options.after ?? 0)), play.errorEvent(overload)] });
  },
  html: (play) => play.respond(Number(play.options.code ?? 502), 'text/html; charset=utf-8', html),
  redirect: (play) => play.respond(302, 'text/plain', 'moved', { location: play.options.to ?? 'http://127.0.0.1:9/elsewhere' }),
  garbage: (play) => play.respond(200, play.seen.stream ? 'text/event-stream' : 'application/json', '\u0001\u0002{"this is": not'),
  empty: (play) => play.respond(200, 'application/json', ''),
  forever: (play) => play.normal({ forever: true, gap: Number(play.options.ms ?? 10) }),
  /** The first `n` calls of this model fail with `code`, then all is well. */
  flaky: (play) => {
    if (play.turn() <= Number(play.options.n ?? 1)) return faults.status({ options: { code: play.options.code ?? '503' } });
    return play.normal();
  },
};
export const isFault = (name) => Object.hasOwn(faults, name);
export const playFault = (name, play) => faults[name](play);
