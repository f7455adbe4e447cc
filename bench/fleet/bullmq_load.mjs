// No-op jobs through BullMQ on one Redis, as fast as it goes: `add` fills the queue, `work` empties it. Two processes, as one would run it.
// usage: node bullmq_load.mjs MODULES PORT add|work JOBS CALLERS BULK     BULK 1: one add per job, with that many callers at once
import { createRequire } from 'node:module';
import process from 'node:process';

const [modules, port, part, jobsText, callersText, bulkText] = process.argv.slice(2);
const { Queue, Worker } = createRequire(`${modules}/`)('bullmq');
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
const jobs = Number(jobsText), callers = Number(callersText), bulk = Number(bulkText);
const options = { removeOnComplete: true, removeOnFail: true };
const data = { name: 'letters/2026-03-11.md', blob: 'a'.repeat(64), prompt: 'Summarise this document in three sentences.' };

async function add() {
  const queue = new Queue('bench', { connection });
  await queue.waitUntilReady();
  process.stdout.write('ready\n');
  await new Promise((go) => process.stdin.once('data', go));
  let left = jobs;
  const caller = async () => {
    while (left > 0) {
      const count = Math.min(bulk, left);
      left -= count;
      if (bulk === 1) await queue.add('none', data, options);
      else await queue.addBulk(Array.from({ length: count }, () => ({ name: 'none', data, opts: options })));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  process.stdout.write('added\n');
  await queue.close();
}

async function work() {
  let done = 0;
  const worker = new Worker('bench', async () => 'a short answer, as a model gives it', { connection, concurrency: callers });
  worker.on('completed', () => {
    if (++done === jobs) process.stdout.write('done\n');
  });
  await worker.waitUntilReady();
  process.stdout.write('ready\n');
  await new Promise((stop) => process.stdin.once('end', stop).resume());
  await worker.close();
}

await (part === 'add' ? add() : work());
process.exit(0);
