// One request for generated text, from its bytes to the last byte of the answer.
import { isFault, playFault } from './faults.mjs';
import { answerOf, chooseScenario, isAnswer } from './scenario.mjs';

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** `writer`: {type, whole(answer, context), events(answer, context), error_event?(refusal)}; `seen` as in scenario.mjs. */
export class Play {
  constructor(exchange, dialect, seen, writer) {
    const fallback = exchange.provider.fallback;
    const scenario = chooseScenario(seen, (name) => isAnswer(name) || isFault(name), fallback);
    Object.assign(this, { exchange, dialect, seen: { history: [], ...seen, raw: exchange.body.toString() }, writer, options: scenario.options, scenario });
    exchange.entry.scenario = [scenario.name, ...Object.entries(scenario.options).map((pair) => pair.join('='))].join('~');
    exchange.entry.seen = summary(seen);
  }

  async run() {
    if (isFault(this.scenario.name)) return playFault(this.scenario.name, this);
    return this.normal();
  }

  get context() {
    return { ...this.seen, created: 1763712000, id: `sim${this.exchange.entry.number}`, options: this.options };
  }
  get answer() {
    const scenario = isAnswer(this.scenario.name) ? this.scenario : { name: 'text', options: {} };
    return (this.made ??= answerOf({ ...this.seen, number: this.exchange.entry.number, prefix: this.writer.prefix ?? '' }, scenario));
  }
  whole = () => JSON.stringify(this.writer.whole(this.answer, this.context));
  events = () => this.writer.events(this.answer, this.context);
  errorEvent = (refusal) => this.writer.error_event(refusal, this.context);
  turn = () => this.exchange.provider.count(`${this.dialect.name}/${this.seen.model}`);

  async normal({ events, gap = 0, drip = false, forever = false } = {}) {
    if (!this.seen.stream) {
      if (!drip) return this.respond(200, 'application/json; charset=UTF-8', this.whole());
      this.head(200, 'application/json', {});
      await this.send([this.whole()], { drip });
      return this.end();
    }
    this.begin();
    const list = events ?? this.events();
    if (forever) {
      const first = Math.max(0, list.findIndex((event) => event.includes('The ')));
      await this.send(list.slice(0, first));
      while (await this.send([list[first]], { gap }));
      return false;
    }
    const sent = await this.send(list, { gap, drip });
    return sent && this.end();
  }

  begin() {
    this.head(200, this.writer.type(this.context), { 'cache-control': 'no-cache' });
    this.exchange.res.flushHeaders();
  }
  head(status, type, headers) {
    if (this.exchange.res.headersSent) return;
    this.exchange.entry.status = status;
    this.exchange.res.writeHead(status, { 'content-type': type, ...headers });
  }
  respond(status, type, body, headers = {}) {
    this.head(status, type, headers);
    this.exchange.res.end(body);
    this.exchange.done();
  }
  /** False: the client has gone. */
  async send(chunks, { gap = 0, drip = false } = {}) {
    const { res } = this.exchange;
    for (const chunk of chunks) {
      for (const part of drip ? Buffer.from(chunk).values() : [chunk]) {
        if (res.destroyed) return false;
        res.write(drip ? Buffer.from([part]) : part);
        await tick();
      }
      if (gap > 0 && !(await this.pause(gap))) return false;
    }
    return !res.destroyed;
  }
  pause(ms) {
    const { res } = this.exchange;
    return new Promise((resolve) => {
      const gone = () => (clearTimeout(timer), resolve(false));
      const timer = setTimeout(() => (res.off('close', gone), resolve(!res.destroyed)), ms);
      res.once('close', gone);
    });
  }
  end() {
    this.exchange.res.end();
    this.exchange.done();
  }
  destroy() {
    this.exchange.done();
    this.exchange.res.socket?.destroy();
  }
}

const summary = ({ images, results, tools, request, ...rest }) => ({
  ...rest,
  images: images.map(({ media, bytes }) => ({ media, bytes: bytes.length })),
  results: results.map(({ images: pictures, ...result }) => ({ ...result, images: pictures?.length ?? 0 })),
  tools: tools.map((tool) => tool.name),
});
