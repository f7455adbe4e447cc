// What the suites say, free of any client: messages {role, text, image} | {role: 'assistant', raw} | {role: 'tool', results: [{id, name, text}]}.
export const dataUrl = ({ media, bytes }) => `data:${media};base64,${bytes.toString('base64')}`;

const city = { type: 'object', properties: { city: { type: 'string', description: 'The name of a city' } }, required: ['city'], additionalProperties: false };
const descriptions = { get_weather: 'The weather in a city', get_time: 'The time in a city' };
/** Function definitions of the named tools. */
export const toolsOf = (names) => names.map((name) => ({ name, description: descriptions[name], parameters: city }));
export const toolResult = (name, args) => (name === 'get_weather' ? `sunny in ${args.city}` : `noon in ${args.city}`);

export const answerSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, people: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
  required: ['city', 'people', 'tags'],
  additionalProperties: false,
};

/** A real PNG of one red pixel. */
export const picture = { media: 'image/png', bytes: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==', 'base64') };
