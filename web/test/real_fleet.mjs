// A real hub, a real node and the scripted provider, each in a folder of this test, ended with it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));
export const binary = process.env.FLOTTE_BINARY ?? join(top, 'build/dev/flotte');
export const scripted = process.env.FLOTTE_SCRIPTED ?? join(top, 'build/dev/tools/scripted_provider/scripted_provider');
export const hasBinaries = () => existsSync(binary) && existsSync(scripted);

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export async function until(what, probe, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await probe()) return;
    await new Promise((done) => setTimeout(done, 40));
  }
  assert.fail(`not within ${seconds} s: ${what}`);
}

export class RealFleet {
  processes = [];

  /** `hub`: more lines of the table [hub]; `tables`: more tables, given the provider's address. */
  static async start({ hub = '', tables = () => '' } = {}) {
    const fleet = new RealFleet();
    fleet.folder = await mkdtemp(join(tmpdir(), 'flotte-start-'));
    const port = await freePort();
    fleet.url = `http://127.0.0.1:${port}`;
    const config = join(fleet.folder, 'hub.toml');
    const provider = fleet.run('provider', scripted, ['--key', 'sk-right', '--scenario', 'gaps:delay_ms=40,events=24']);
    await until('the scripted provider has a port', () => /http:\/\/\S+/.test(provider.text));
    fleet.provider = /http:\/\/\S+/.exec(provider.text)[0];
    await writeFile(config, `[hub]\nname = "attic"\nlisten = "127.0.0.1:${port}"\n${hub}${tables(fleet.provider)}`);
    fleet.run('hub', binary, ['hub', '--config', config, '--data', join(fleet.folder, 'hub')]);
    await until('the hub is ready', () => fetch(`${fleet.url}/readyz`).then((r) => r.ok, () => false));
    fleet.key = (await readFile(join(fleet.folder, 'hub/admin.key'), 'utf8')).trim();
    return fleet;
  }

  /** Only what is named here comes from the surroundings: no key of somebody's, no other hub. */
  run(name, program, args) {
    const environment = { PATH: process.env.PATH, HOME: this.folder, LANG: 'C.UTF-8' };
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const process_ = { name, child, text: '', ended: new Promise((done) => child.once('exit', done)) };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (process_.text += bytes));
    this.processes.push(process_);
    return process_;
  }

  /** A machine that was given the line. */
  async join(line, name) {
    const config = join(this.folder, `${name}.toml`);
    await writeFile(config, `[node]\nname = "${name}"\n`);
    this.run(name, binary, ['node', 'run', '--config', config, '--data', join(this.folder, name), '--join', line]);
  }

  story() {
    return this.processes.map((p) => `---- ${p.name}\n${p.text.slice(-2500)}`).join('\n');
  }

  async stop() {
    for (const { child } of this.processes.toReversed()) child.kill('SIGTERM');
    const insist = setTimeout(() => this.processes.forEach(({ child }) => child.exitCode === null && child.kill('SIGKILL')), 8000);
    await Promise.all(this.processes.map((p) => p.ended));
    clearTimeout(insist);
    await rm(this.folder, { recursive: true, force: true });
  }
}
