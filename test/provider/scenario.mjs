// What is answered: a scenario turns what was seen in a request into an answer, both free of any dialect.
//
// seen:   {model, stream, user, system, tools: [{name, schema}], choice: 'auto'|'none'|'any'|{name}, results: [{id, name, text, error, images}],
//          images: [{media, bytes}], schema, json, stop: [], max, thinks, parallel}
// answer: {thinking: {text, signature}, text, refusal, calls: [{id, name, args}], stop: 'end'|'calls'|'length'|'stop'|'refused', stopped_by, usage}
//
// The model's name chooses: `NAME~option=value~option=value`; or, for clients whose model is fixed, the words `[[NAME~option=value]]` in
// the last user message; else the default of POST /control/default.
import { createHash } from 'node:crypto';
import { playAgent } from './agent.mjs';
import { sample } from './schema.mjs';

export const sentence = 'The fleet sails at dawn. Die Flotte läuft, 日本語.';
export const thought = 'The wind is fair; I weigh the anchor.';

export const digest = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
/** The signature under a thought: whoever changes either is found out. */
export const sign = (text) => `EqSimulated0${createHash('sha256').update(`flotte ${text}`).digest('base64')}`;
export const describe = ({ media, bytes }) => `${media} ${bytes.length} bytes ${digest(bytes)}`;

const answers = {
  text: () => ({ text: sentence }),
  echo: (seen) => ({ text: seen.user || '(nothing was said)' }),
  long: (_, o) => ({ text: Array.from({ length: Number(o.words ?? 200) }, (_, n) => `word${n}`).join(' ') }),
  tool: (seen, o) => (seen.results.length > 0 ? afterTools(seen) : call(seen, 1, o)),
  parallel: (seen, o) => (seen.results.length > 0 ? afterTools(seen) : call(seen, 2, o)),
  image: (seen) => ({ text: seen.images.length > 0 ? `I see ${seen.images.map(describe).join(' and ')}` : 'no image arrived' }),
  json: (seen) => structured(seen),
  thinking: (seen, o) => ({
    thinking: { text: thought, signature: sign(thought) },
    ...(seen.tools.length > 0 && seen.results.length === 0 && seen.choice !== 'none' ? call(seen, 1, o) : seen.results.length > 0 ? afterTools(seen) : { text: sentence }),
  }),
  refusal: () => ({ refusal: 'I will not sail there.', stop: 'refused' }),
  max_tokens: () => ({ text: 'The fleet sails at', stop: 'length' }),
  stop: (seen) => stopped(seen),
  agent: (seen) => playAgent(seen),
};
export const isAnswer = (name) => Object.hasOwn(answers, name);

function call(seen, count, options) {
  if (seen.tools.length === 0 || seen.choice === 'none') return { text: 'no tools were given' };
  const wanted = seen.choice?.name ? seen.tools.filter((tool) => tool.name === seen.choice.name) : seen.tools;
  const calls = Array.from({ length: count }, (_, n) => wanted[n % wanted.length]).map((tool, n) => ({
    name: tool.name,
    args: options.empty ? {} : sample(tool.schema ?? {}, n) ?? {},
  }));
  return { text: options.say ? 'I ask.' : undefined, calls, stop: 'calls' };
}

function afterTools(seen) {
  const said = seen.results.map((r) => [r.error ? '(error)' : '', r.text, ...(r.images ?? []).map(describe)].filter(Boolean).join(' '));
  return { text: `The tools said: ${said.join('; ')}` };
}

function structured(seen) {
  if (seen.schema) return { text: JSON.stringify(sample(seen.schema)) };
  // A client without schemas offers one tool for its answer, and says that it must be called where the API can say so.
  if (seen.tools.length > 0 && seen.choice !== 'none') return call(seen, 1, {});
  if (seen.json) return { text: '{"city":"Paris","people":3}' };
  return { text: 'no schema was given' };
}

function stopped(seen) {
  const whole = 'One, two, three, four, five';
  const where = seen.stop.map((s) => [whole.indexOf(s), s]).filter(([n]) => n >= 0).sort((a, b) => a[0] - b[0])[0];
  return where ? { text: whole.slice(0, where[0]), stop: 'stop', stopped_by: where[1] } : { text: whole };
}

/** {name, options} from `name~a=b`. */
export function parseScenario(words) {
  const [name, ...rest] = words.split('~');
  return { name, options: Object.fromEntries(rest.map((pair) => pair.split('=', 2)).map(([k, v]) => [k, v ?? '1'])) };
}

/** `known` tells whether a name can be played; a model with a name of its own plays the fallback. */
export function chooseScenario(seen, known, fallback) {
  const inWords = /\[\[([a-z_]+(?:~[\w=.-]+)*)\]\]/.exec(seen.user ?? '');
  const chosen = parseScenario(inWords?.[1] ?? seen.model ?? '');
  return known(chosen.name) ? chosen : parseScenario(fallback);
}

/** The answer, whole: with a reason to stop, ids and usage. */
export function answerOf(seen, { name, options }) {
  const answer = answers[name](seen, options);
  answer.stop ??= 'end';
  // Nine letters and digits behind the prefix: what the strictest API takes as an id.
  answer.calls = (answer.calls ?? []).map((one, n) => ({ id: seen.prefix + (seen.number * 16 + n).toString(36).padStart(9, 'c'), ...one }));
  const output = pieces(answer.text ?? answer.refusal ?? '').length + 5 * answer.calls.length;
  answer.usage = { input: 21, cached: 8, written: 3, output: output + (answer.thinking ? 7 : 0), reasoning: answer.thinking ? 7 : 0 };
  return answer;
}

/** The text as it is streamed. */
export const pieces = (text) => text.match(/\S+\s*|\s+/g) ?? [];
/** Arguments as they are streamed: cut in the middle of words and of UTF-8 characters' neighbours. */
export const fragments = (text) => text.match(/[\s\S]{1,9}/gu) ?? [];
