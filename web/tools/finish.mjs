// After `vite build`: the contract as JSON, and .gz and .br beside every file that gets smaller by it. Fails over the size budget.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { parse } from 'yaml';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const scriptLimit = 60 * 1024; // bytes of all scripts of the first load, gzipped
const compressible = /\.(html|js|css|svg|json|txt|map)$/;

const contract = parse(await readFile(new URL('../../api/openapi.yaml', import.meta.url), 'utf8'));
await writeFile(join(dist, 'openapi.json'), JSON.stringify(contract));

const page = await readFile(join(dist, 'index.html'), 'utf8');
let scripts = 0;
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !compressible.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = await readFile(path);
  const gz = gzipSync(bytes, { level: 9 });
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  if (gz.length < bytes.length) await writeFile(`${path}.gz`, gz);
  if (br.length < bytes.length) await writeFile(`${path}.br`, br);
  if (entry.name.endsWith('.js') && page.includes(entry.name)) scripts += gz.length; // others are loaded when their view is opened
  console.log(`${path.slice(dist.length).padEnd(36)} ${String(bytes.length).padStart(8)} ${String(gz.length).padStart(8)} gz ${String(br.length).padStart(8)} br`);
}
console.log(`scripts: ${scripts} of ${scriptLimit} bytes gzipped`);
if (scripts > scriptLimit) {
  console.error('the scripts are over their budget');
  process.exit(1);
}
