// Every client against every provider in every scenario, directly or through a hub.
//   PROVIDER_URL=... PROVIDER_KEY=... [HUB_URL=... HUB_KEY=...] node suite.mjs [--client WORDS] [--provider NAME] [--scenario WORDS] [--verbose]
// Through a hub, providers are called as its configuration names them. Prints the matrix as JSON: [{client, provider, scenario, problem?}].
import { anthropic } from './clients/anthropic.mjs';
import { clients as ai } from './clients/ai.mjs';
import { clients as langchain } from './clients/langchain.mjs';
import { clients as llamaindex } from './clients/llamaindex.mjs';
import { google } from './clients/google.mjs';
import { mistral } from './clients/mistral.mjs';
import { ollama } from './clients/ollama.mjs';
import { chat, responses } from './clients/openai.mjs';
import { Lacks, lacking, reasonOf, scenarios } from './scenarios.mjs';

export const clients = [chat, responses, anthropic, google, mistral, ollama, ...ai, ...langchain, ...llamaindex];
export const providers = ['openai', 'responses', 'mistral', 'anthropic', 'gemini', 'ollama'];

const { PROVIDER_URL: provider, PROVIDER_KEY: key, HUB_URL: hub, HUB_KEY: hubKey } = process.env;
const given = Object.fromEntries(process.argv.slice(2).flatMap((word, n, all) => (word.startsWith('--') ? [[word.slice(2), all[n + 1]?.startsWith('--') ? true : all[n + 1] ?? true]] : [])));
const wanted = (name, value) => given[name] === undefined || value.toLowerCase().includes(String(given[name]).toLowerCase());

let marks = 0;
let ran = 0;

/** One client at one provider in one scenario. */
class It {
  constructor(client, providerName) {
    Object.assign(this, { client, providerName, mark: `mark-${process.pid}-${++marks}.` });
    this.open = client.open(hub ? { root: hub, key: hubKey } : { root: `${provider}/${client.speaks}`, key });
  }
  through_hub = Boolean(hub);
  model = (name, { plain = false } = {}) => `${hub ? `${this.providerName}/` : ''}${name}${plain ? '' : this.client.suffix ?? ''}`;
  async say({ scenario, on_piece, ...more }) {
    const pieces = [];
    const collect = (text) => {
      pieces.push(text);
      on_piece?.(text);
    };
    return { ...(await this.client.say(this.open, { model: this.model(scenario), on_piece: collect, ...more })), pieces };
  }
  embed = (texts) => this.client.embed(this.open, this.model('sim-embed', { plain: true }), texts);
  async log() {
    const { requests } = await (await fetch(`${provider}/log`)).json();
    return requests.filter((entry) => entry.seen?.user?.includes(this.mark));
  }
  received = async () => (await this.log()).map((entry) => entry.seen);
}

async function cell(client, providerName, scenario) {
  const lacks = lacking(client, scenario);
  if (lacks) return { client: client.name, provider: providerName, scenario, lacks };
  ran += 1;
  // A fault closes a provider for a while, so each client has one of its own for them.
  const own = ['errors', 'broken streams'].includes(scenario) ? `-${clients.indexOf(client)}` : '';
  const it = new It(client, providerName + own);
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('took longer than 20 s')), 20_000)));
  try {
    await Promise.race([scenarios[scenario](it), late]);
    return { client: client.name, provider: providerName, scenario };
  } catch (problem) {
    if (problem instanceof Lacks) return { client: client.name, provider: providerName, scenario, lacks: problem.message };
    if (given.verbose) console.error(`--- ${client.name} | ${providerName} | ${scenario}\n`, problem);
    return { client: client.name, provider: providerName, scenario, problem: reasonOf(client, providerName, scenario) ?? firstLine(problem) };
  } finally {
    clearTimeout(timer);
  }
}

/** A sentence without what changes from run to run. */
function firstLine(problem) {
  const words = String(problem?.message ?? problem).replace(/\s+/g, ' ').replace(/mark-[\d-]+\.?/g, '').replace(/127\.0\.0\.1:\d+/g, 'HOST').replace(/\breq_\w+|\bsim-?\d+|[0-9a-f]{8}-[0-9a-f-]{27}|c{3,}\w+/g, 'ID');
  return words.length > 240 ? `${words.slice(0, 240)}…` : words;
}

const list = [];
for (const client of clients.filter((c) => wanted('client', c.name)))
  for (const name of hub ? providers : [client.speaks])
    for (const scenario of Object.keys(scenarios)) if (wanted('provider', name) && wanted('scenario', scenario)) list.push([client, name, scenario]);

// Some clients leave a promise behind when a stream breaks (ChatGoogleGenerativeAI does); what they throw to the caller is what counts.
process.on('unhandledRejection', () => {});
// Libraries write warnings to the console; the matrix is the output.
console.log = console.error;
const cells = [];
const queue = list.map((one, n) => [n, one]);
await Promise.all(Array.from({ length: 8 }, async () => {
  for (let next = queue.shift(); next; next = queue.shift()) cells[next[0]] = await cell(...next[1]);
}));
process.stdout.write(`${JSON.stringify(cells)}\n`, () => process.exit(0));
if (given.summary) console.error(`${ran} ran, ${cells.filter((one) => one.problem).length} with problems`);
