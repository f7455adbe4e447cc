// The official openai client against a running hub whose provider `scripted` is tools/scripted_provider. Starts nothing itself:
//   FLOTTE_URL=http://127.0.0.1:7700 FLOTTE_KEY=fk_... SCRIPTED_URL=http://127.0.0.1:9000 node --test test/clients/
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import OpenAI from 'openai';

const hub = process.env.FLOTTE_URL;
const key = process.env.FLOTTE_KEY;
const scripted = process.env.SCRIPTED_URL;
// `provider/model`: the model's name at the scripted provider chooses the scenario.
const model = (scenario) => `${process.env.SCRIPTED_PROVIDER ?? 'scripted'}/${scenario}`;
const messages = [{ role: 'user', content: 'Grüße, 日本' }];
const answer = 'Die Flotte läuft 日本語';
const client = new OpenAI({ apiKey: key, baseURL: `${hub}/v1`, maxRetries: 0 });

async function control(path, method = 'GET', body = undefined) {
  const reply = await fetch(`${scripted}/control/${path}`, { method, body: body && JSON.stringify(body) });
  return reply.json();
}

const newest = async () => (await control('log')).requests.at(-1);

async function eventually(condition, what) {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

before(() => {
  for (const name of ['FLOTTE_URL', 'FLOTTE_KEY', 'SCRIPTED_URL']) assert.ok(process.env[name], `set ${name}`);
});

test('chat', async () => {
  const { data, response } = await client.chat.completions.create({ model: model('normal'), messages }).withResponse();
  assert.equal(data.choices[0].message.content, answer);
  assert.equal(data.usage.prompt_tokens, 21);
  assert.equal(data.usage.prompt_tokens_details.cached_tokens, 8);
  assert.equal(response.headers.get('x-flotte-target'), model('normal'));
  assert.match(response.headers.get('x-flotte-request-id'), /^req_/);
  const request = await newest();
  const headers = new Map(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
  assert.ok(!JSON.stringify(request.headers).includes(key), 'the key of the hub went to the provider');
  assert.equal(headers.get('accept-encoding'), 'identity');
  assert.match(headers.get('user-agent'), /OpenAI/);
});

test('streaming', async () => {
  let text = '';
  let usage = 0;
  for await (const chunk of await client.chat.completions.create({ model: model('normal'), messages, stream: true })) {
    text += chunk.choices[0].delta.content ?? '';
    usage += chunk.usage ? 1 : 0;
  }
  assert.equal(text, answer);
  assert.equal(usage, 0, 'usage that was not asked for');
});

test('streaming with usage', async () => {
  let last;
  const stream = await client.chat.completions.create({ model: model('normal'), messages, stream: true, stream_options: { include_usage: true } });
  for await (const chunk of stream) last = chunk;
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.completion_tokens, 4);
});

test('streaming, with the next event sent only after the last one was seen', async () => {
  await control('log', 'DELETE');
  let seen = 0;
  let text = '';
  const stream = await client.chat.completions.create({ model: model('step:events=6'), messages, stream: true, stream_options: { include_usage: true } });
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    await control('ack', 'POST', { n: ++seen });
  }
  await control('ack', 'POST', { n: seen + 1 }); // [DONE] ends the client's loop without being shown
  assert.equal(seen, 9);
  assert.ok(text.startsWith(answer));
});

test('the helper that gathers a stream', async () => {
  const stream = client.chat.completions.stream({ model: model('normal'), messages });
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].message.content, answer);
  assert.equal(final.choices[0].finish_reason, 'stop');
});

test('models', async () => {
  // The hub asks the provider for its models after its start.
  let names = [];
  for (const end = Date.now() + 10_000; names.length === 0 && Date.now() < end; ) {
    names = [];
    for await (const entry of client.models.list()) names.push(entry.id);
    if (names.length === 0) await new Promise((wake) => setTimeout(wake, 50));
  }
  assert.ok(names.length > 0);
  assert.equal((await client.models.retrieve(names[0])).id, names[0]);
  await assert.rejects(client.models.retrieve('no-such-model'), OpenAI.NotFoundError);
});

test('an unknown model is 404', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'no-such-model', messages }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    assert.equal(error.param, 'model');
    assert.match(error.message, /no-such-model/);
    return true;
  });
});

test('a wrong key is 401', async () => {
  const stranger = new OpenAI({ apiKey: 'fk_wrong', baseURL: `${hub}/v1`, maxRetries: 0 });
  await assert.rejects(stranger.chat.completions.create({ model: model('normal'), messages }), OpenAI.AuthenticationError);
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});

test('errors of the provider keep their meaning', async () => {
  await assert.rejects(client.chat.completions.create({ model: model('status:status=400'), messages }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.code, 'simulated_400');
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model: model('rate_limited:seconds=1'), messages }), OpenAI.RateLimitError);
  await assert.rejects(client.chat.completions.create({ model: model('status:status=500'), messages }), OpenAI.InternalServerError);
});

test('a stream that breaks is an error, not an end', async () => {
  for (const scenario of ['cut:after=2', 'error_inside:after=2', 'no_end']) {
    await assert.rejects(async () => {
      for await (const _ of await client.chat.completions.create({ model: model(scenario), messages, stream: true }));
    }, scenario);
  }
});

test('an abort reaches the provider', async () => {
  const abort = new AbortController();
  let chunks = 0;
  const stream = await client.chat.completions.create({ model: model('forever'), messages, stream: true }, { signal: abort.signal });
  for await (const _ of stream) if (++chunks === 5) abort.abort();
  assert.ok(chunks >= 5);
  await eventually(async () => (await newest()).state === 'gone', 'the provider saw the client leave');
});

test('an abort before the first token reaches the provider too', async () => {
  const abort = new AbortController();
  const waiting = client.chat.completions.create({ model: model('slow:delay_ms=60000'), messages, stream: true }, { signal: abort.signal });
  await eventually(async () => (await newest()).state === 'running', 'the provider has the request');
  abort.abort();
  await assert.rejects(waiting, OpenAI.APIUserAbortError);
  await eventually(async () => (await newest()).state === 'gone', 'the provider saw the client leave');
});
