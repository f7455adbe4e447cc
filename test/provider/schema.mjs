// A value that fits a JSON schema, and what strict APIs demand of schemas.
import { isObject } from './shapes.mjs';

const places = ['Paris', 'Tokyo', 'Lima'];

/** A value for the schema; `turn` varies strings and numbers, so that two calls differ. */
export function sample(schema, turn = 0, root = schema) {
  if (!isObject(schema)) return null;
  if (schema.$ref) return sample(resolve(schema.$ref, root), turn, root);
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[turn % schema.enum.length];
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return sample(variants.find((v) => v.type !== 'null') ?? variants[0], turn, root);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sample(part, turn, root)));
  const type = (Array.isArray(schema.type) ? schema.type.find((t) => t !== 'null') : schema.type) ?? (schema.properties ? 'object' : 'string');
  switch (type.toLowerCase()) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, sample(part, turn, root)]));
    case 'array':
      return Array.from({ length: Math.max(1, schema.minItems ?? 1) }, (_, n) => sample(schema.items ?? { type: 'string' }, turn + n, root));
    case 'integer':
      return Math.max(schema.minimum ?? 0, 3 + turn);
    case 'number':
      return Math.max(schema.minimum ?? 0, 1.5 + turn);
    case 'boolean':
      return turn % 2 === 0;
    case 'null':
      return null;
    default:
      return schema.format === 'date' ? '2026-11-21' : places[turn % places.length];
  }
}

function resolve(reference, root) {
  let found = root;
  for (const step of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) found = found?.[step.replace(/~1/g, '/').replace(/~0/g, '~')];
  return found ?? {};
}

/** Each subschema with its path: calls visit(schema, path). Names of properties are not schemas. */
export function walk(schema, visit, path = '') {
  if (!isObject(schema)) return;
  visit(schema, path);
  for (const [name, part] of Object.entries(schema.properties ?? {})) walk(part, visit, `${path}.properties.${name}`);
  for (const [name, part] of Object.entries(schema.$defs ?? schema.definitions ?? {})) walk(part, visit, `${path}.$defs.${name}`);
  if (isObject(schema.items)) walk(schema.items, visit, `${path}.items`);
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems'])
    (Array.isArray(schema[key]) ? schema[key] : []).forEach((part, n) => walk(part, visit, `${path}.${key}[${n}]`));
}

const isObjectSchema = (schema) => schema.type === 'object' || schema.properties !== undefined;

/** The first thing that a strict schema lacks, as a sentence; undefined if nothing. */
export function strictness(schema, { allRequired }) {
  let problem;
  walk(schema, (part, path) => {
    if (problem || !isObjectSchema(part)) return;
    const missing = Object.keys(part.properties ?? {}).find((name) => !(part.required ?? []).includes(name));
    if (part.additionalProperties !== false) problem = `In context=(${path}), 'additionalProperties' is required to be supplied and to be false.`;
    else if (allRequired && missing)
      problem = `In context=(${path}), 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  });
  return problem;
}
