// The scenarios of the suite: each a function of one client at one provider, which throws what is wrong.
import assert from 'node:assert/strict';
import { digest, pieces, sentence, thought } from './provider/scenario.mjs';
import { embed } from './provider/models.mjs';
import { answerSchema, picture, toolResult } from './neutral.mjs';

async function eventually(condition, what) {
  const end = Date.now() + 8_000;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`did not happen: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** The first status of an error or of what caused it. */
export function statusOf(error) {
  for (let e = error, depth = 0; e && depth < 5; e = e.cause ?? e.lastError ?? e.error, depth += 1)
    for (const key of ['status', 'statusCode', 'status_code', 'httpStatus', 'code']) if (Number.isInteger(e[key]) && e[key] >= 400) return e[key];
  return Number(/\b(?:status|code|error)\D{0,6}([45]\d\d)\b|\[([45]\d\d)\b/i.exec(String(error?.message))?.slice(1).find(Boolean)) || undefined;
}

const user = (it, text, image) => ({ role: 'user', text: `${text} ${it.mark}`, image });
const inOrder = (calls) => calls.map(({ name, args }) => ({ name, city: args.city }));

const checkUsage = (usage) => usage?.input !== undefined && assert.deepEqual(usage, { input: 21, output: pieces(sentence).length }, 'usage');

async function withTools(it, scenario, tools, expected, more = {}) {
  const messages = [user(it, 'What is it like there?')];
  const asked = await it.say({ scenario, messages, tools, ...more });
  assert.deepEqual(inOrder(asked.calls), expected);
  const results = asked.calls.map(({ id, name, args }) => ({ id, name, text: toolResult(name, args) }));
  const done = await it.say({ scenario, messages: [...messages, { role: 'assistant', raw: asked.raw }, { role: 'tool', results }], tools, ...more });
  assert.equal(done.text, `The tools said: ${results.map((r) => r.text).join('; ')}`);
  assert.deepEqual(done.calls, []);
  return asked;
}

/** Thrown where something cannot be had anywhere, and this was said properly. */
export class Lacks extends Error {}

export const scenarios = {
  async chat(it) {
    const messages = [{ role: 'system', text: 'Be brief, Grüße.' }, user(it, 'Hello, 日本')];
    const { text, usage, calls } = await it.say({ scenario: 'text', messages });
    assert.equal(text, sentence);
    assert.deepEqual(calls, []);
    checkUsage(usage);
    const [seen] = await it.received();
    assert.ok(seen.user.endsWith(messages[1].text), `the provider was asked '${seen.user}'`);
    // A client may put the system prompt before the person's words.
    assert.match(seen.system || seen.user, /Be brief, Grüße\./);
  },
  async stream(it) {
    const { text, pieces: parts, usage } = await it.say({ scenario: 'text', messages: [user(it, 'Hello')], stream: true });
    assert.equal(text, sentence);
    assert.ok(parts.length >= 3, `only ${parts.length} pieces`);
    assert.equal(parts.join(''), sentence);
    checkUsage(usage);
  },
  tools: (it) => withTools(it, 'tool', ['get_weather'], [{ name: 'get_weather', city: 'Paris' }]),
  'tools, streamed': (it) => withTools(it, 'tool', ['get_weather'], [{ name: 'get_weather', city: 'Paris' }], { stream: true }),
  'parallel tools': (it) => withTools(it, 'parallel', ['get_weather'], [{ name: 'get_weather', city: 'Paris' }, { name: 'get_weather', city: 'Tokyo' }]),
  'parallel tools, streamed': (it) => withTools(it, 'parallel', ['get_weather', 'get_time'], [{ name: 'get_weather', city: 'Paris' }, { name: 'get_time', city: 'Tokyo' }], { stream: true }),
  async images(it) {
    const { text } = await it.say({ scenario: 'image', messages: [user(it, 'What is this?', picture)] });
    assert.match(text, new RegExp(`^I see \\S+ ${picture.bytes.length} bytes ${digest(picture.bytes)}$`));
  },
  async 'structured output'(it) {
    const { text } = await it.say({ scenario: 'json', messages: [user(it, 'A city as JSON')], schema: answerSchema });
    assert.deepEqual(JSON.parse(text), { city: 'Paris', people: 3, tags: ['Paris'] });
  },
  async thinking(it) {
    const { thinking, text } = await it.say({ scenario: 'thinking', messages: [user(it, 'Think')], thinks: true });
    assert.equal(thinking, thought);
    assert.equal(text, sentence);
    if (it.client.speaks !== 'openai') await withTools(it, 'thinking', ['get_weather'], [{ name: 'get_weather', city: 'Paris' }], { thinks: true, stream: true });
  },
  async 'stop reasons'(it) {
    const cut = await it.say({ scenario: 'max_tokens', messages: [user(it, 'Go on')], max: 2000 });
    assert.match(String(cut.stop), /length|max.?_?(output_)?tokens|incomplete/i);
    const stopped = await it.say({ scenario: 'stop', messages: [user(it, 'Count')], stop: ['four'] });
    assert.equal(stopped.text.trim(), 'One, two, three,');
  },
  async errors(it) {
    for (const [scenario, status] of [['status~code=400', 400], ['rate~kind=none', 429]]) {
      const error = await it.say({ scenario, messages: [user(it, 'Fail')] }).then(() => assert.fail(`${scenario} was an answer`), (e) => e);
      if (error.code === 'ERR_ASSERTION') throw error;
      const got = statusOf(error);
      assert.equal(got, status, `${scenario} became ${got}: ${error.message}`);
      assert.doesNotMatch(String(error.message), /sk-scripted/, 'the key stands in the error');
    }
  },
  async 'broken streams'(it) {
    // Several clients take an early end for the end; a hub says that it is none.
    for (const [n, scenario] of ['cut~after=6', 'error_inside~after=6', ...(it.through_hub ? ['no_end'] : [])].entries()) {
      const answer = await it.say({ scenario, messages: [user(it, 'Break')], stream: true }).then((a) => a, () => undefined);
      assert.equal(answer, undefined, `${scenario} looked like a clean end: '${answer?.text}'`);
      assert.equal((await it.log()).length, n + 1, `${scenario} never reached the provider`);
    }
  },
  async abort(it) {
    const abort = new AbortController();
    let count = 0;
    const saying = it.say({ scenario: 'forever', messages: [user(it, 'For ever')], stream: true, signal: abort.signal, on_piece: () => ++count === 3 && abort.abort() });
    await saying.catch(() => {});
    assert.ok(count >= 3, `${count} pieces came`);
    await eventually(async () => (await it.log()).every((entry) => entry.state === 'gone'), 'the provider saw the client leave');
    assert.equal((await it.log()).length, 1);
  },
  async embeddings(it) {
    const texts = ['the fleet', 'die Flotte, 日本'];
    if (it.providerName === 'anthropic') {
      // LangChain's Google client answers empty vectors where the others throw.
      const refused = await it.embed(texts).then((vectors) => vectors.every((vector) => vector.length === 0), () => true);
      assert.ok(refused, 'embeddings came from nowhere');
      throw new Lacks('Anthropic has no embeddings, and the hub says so.');
    }
    const vectors = await it.embed(texts);
    assert.equal(vectors.length, 2);
    vectors.forEach((vector, n) => {
      const expected = embed(texts[n]);
      assert.equal(vector.length, expected.length);
      vector.forEach((value, k) => assert.ok(Math.abs(value - expected[k]) < 1e-5, `vector ${n} differs`));
    });
  },
};

scenarios.models = async (it) => {
  // A hub lists the names that it was given, and those that it makes up: `default`.
  const wanted = it.through_hub ? 'default' : 'sim-large';
  await eventually(async () => (await it.client.models(it.open)).some((name) => name.includes(wanted)), `${wanted} in the list of models`);
};
scenarios['counting tokens'] = async (it) => {
  const count = await it.client.count(it.open, it.model('text'), 'How long is this, in tokens?');
  assert.ok(count > 0 && count < 100, `${count} tokens`);
};

/** What does not work, in words; whatever begins to work stays a change of the matrix. */
const reasons = {
  'ai, @ai-sdk/mistral | openai | images':
    "The client writes images in Mistral's own form and does not say that it is a client of Mistral's: the call passes through, and OpenAI's API refuses it with 400.",
};
export const reasonOf = (client, provider, scenario) => reasons[`${client.name} | ${provider} | ${scenario}`];

/** Which clients have a thing at all is said by the client (`lacks`), or here for whole kinds. */
const noThinking = 'The client shows no thoughts.';
export function lacking(client, name) {
  if (client.lacks?.[name]) return client.lacks[name];
  if (name === 'stop reasons' && client.lacks?.stop) return client.lacks.stop;
  if (name === 'models' && !client.models) return 'The client lists no models.';
  if (name === 'counting tokens' && !client.count) return 'The client counts no tokens.';
  if (name === 'embeddings' && !client.embed) return 'The client has no embeddings.';
  if (name === 'thinking' && !['openai, Responses', '@anthropic-ai/sdk', '@google/genai', 'ollama'].includes(client.name)) return noThinking;
  return undefined;
}
