// Writes src/api/types.gen.ts from api/openapi.yaml; with --check, fails where the committed file is another.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../api/openapi.yaml', import.meta.url);
const target = new URL('../src/api/types.gen.ts', import.meta.url);

const header = '// Generated from api/openapi.yaml by `npm run types`. Do not edit.\n';
const text = header + astToString(await openapiTS(source, { rootTypes: true, rootTypesNoSchemaPrefix: true, enumValues: false }));

if (process.argv.includes('--check')) {
  const there = await readFile(target, 'utf8').catch(() => '');
  if (there !== text) {
    console.error('src/api/types.gen.ts is not what api/openapi.yaml says: run `npm run types` in web/ and commit the result');
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
