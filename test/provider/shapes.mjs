// A small language for what an API accepts: a type is a function (value, path, say) that throws through `say` what the API would answer.
// `say` is the dialect's own: {wrong(path, expected, value), unknown(path, key), missing(path, key), refuse(path, message)}.

/** Thrown to answer a request with an error; `kind` is a word that each dialect turns into its own. */
export class Refusal extends Error {
  constructor(status, kind, message, more = {}) {
    super(message);
    Object.assign(this, { status, kind, headers: {}, ...more });
  }
}

/** `KEY` itself, or `KEY-anything`: keys of different accounts. */
export const isKey = (given, key) => given === key || given.startsWith(`${key}-`);

export const at = (path, key) => (typeof key === 'number' ? `${path}[${key}]` : path ? `${path}.${key}` : key);
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

export const any = () => {};
export const text = (value, path, say) => typeof value === 'string' || say.wrong(path, 'string', value);
export const flag = (value, path, say) => typeof value === 'boolean' || say.wrong(path, 'boolean', value);
export const integer = (least = -Infinity) => (value, path, say) => {
  if (!Number.isInteger(value)) say.wrong(path, 'integer', value);
  if (value < least) say.refuse(path, `must be at least ${least}, but is ${value}`);
};
export const number = (low = -Infinity, high = Infinity) => (value, path, say) => {
  if (typeof value !== 'number') say.wrong(path, 'number', value);
  if (value < low || value > high) say.refuse(path, `must be between ${low} and ${high}, but is ${value}`);
};
export const word = (...words) => (value, path, say) => {
  if (typeof value !== 'string') say.wrong(path, 'string', value);
  if (!words.includes(value)) say.refuse(path, `must be one of ${words.join(', ')}, but is '${value}'`);
};
export const matching = (pattern) => (value, path, say) => {
  text(value, path, say);
  if (!pattern.test(value)) say.refuse(path, `String should match pattern '${pattern.source}', but is '${value}'`);
};
export const nullable = (type) => (value, path, say) => value === null || type(value, path, say);
export const map = (value, path, say) => isObject(value) || say.wrong(path, 'object', value);

export const list = (type, { least = 0 } = {}) => (value, path, say) => {
  if (!Array.isArray(value)) say.wrong(path, 'array', value);
  if (value.length < least) say.refuse(path, `must have at least ${least} item(s)`);
  value.forEach((item, n) => type(item, (say.at ?? at)(path, n), say));
};

/** The first type whose `when` fits the value decides. */
export const either = (...pairs) => (value, path, say) => {
  const found = pairs.find(([when]) => when(value));
  if (!found) say.wrong(path, 'another type', value);
  found[1](value, path, say);
};
export const textOr = (type) => either([(v) => typeof v === 'string', text], [() => true, type]);

/** Fields by name; a name that ends in '!' is compulsory. An API that reads snake_case too gives `say.name`. */
export function object(fields) {
  const types = new Map();
  const compulsory = [];
  for (const [name, type] of Object.entries(fields)) {
    const plain = name.replace(/!$/, '');
    if (plain !== name) compulsory.push(plain);
    types.set(plain, type);
  }
  return (value, path, say) => {
    if (!isObject(value)) say.wrong(path, 'object', value);
    const name = say.name ?? ((key) => key);
    const join = say.at ?? at;
    const given = new Set(Object.keys(value).map(name));
    for (const key of compulsory) if (!given.has(key)) say.missing(path, key);
    for (const [key, item] of Object.entries(value)) {
      const type = types.get(name(key));
      if (!type) say.unknown(path, key);
      else if (item !== null || !say.null_is_absent) type(item, join(path, key), say);
    }
  };
}

/** An object whose field `key` names its variant. */
export const tagged = (key, variants) => (value, path, say) => {
  if (!isObject(value)) say.wrong(path, 'object', value);
  const tag = value[key];
  if (tag === undefined) say.missing(path, key);
  if (!Object.hasOwn(variants, tag)) say.refuse((say.at ?? at)(path, key), `must be one of ${Object.keys(variants).join(', ')}, but is '${tag}'`);
  variants[tag](value, path, say);
};
