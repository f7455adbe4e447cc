import { afterEach, describe, expect, it, vi } from 'vitest';
import { enter, requestFromFragment } from './session';

const place = (hash: string) => ({ hash, pathname: '/', search: '' }) as Location;

function hub(answers: Record<string, number>) {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    const what = `${init.method} ${path}`;
    asked.push(`${what} ${init.body ?? ''}`.trim());
    const status = answers[what];
    if (status === undefined) return Promise.reject(new TypeError('no network'));
    return Promise.resolve(new Response(JSON.stringify({}), { status }));
  });
  return asked;
}

describe('entering', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('reads keys and codes from the fragment', () => {
    expect(requestFromFragment('#key=fk_1')).toEqual({ key: 'fk_1' });
    expect(requestFromFragment('#code=a%2Bb')).toEqual({ code: 'a+b' });
    expect(requestFromFragment('')).toBeNull();
    expect(requestFromFragment('#machines')).toBeNull();
  });

  it('exchanges a code and takes it out of the address before anything is sent', async () => {
    const order: string[] = [];
    const asked = hub({ 'POST /fleet/v1/session': 201 });
    const history = { replaceState: (_: unknown, __: string, url: string) => order.push(`${url} after ${asked.length} calls`) } as unknown as History;
    expect(await enter(place('#code=once'), history)).toBe('in');
    expect(order).toEqual(['/ after 0 calls']);
    expect(asked).toEqual(['POST /fleet/v1/session {"code":"once"}']);
  });

  it('stays in where a used code comes with a session that still holds', async () => {
    hub({ 'POST /fleet/v1/session': 401, 'GET /fleet/v1/session': 200 });
    expect(await enter(place('#code=used'), { replaceState: () => {} } as unknown as History)).toBe('in');
  });

  it('tells refused, signed out and unreachable apart', async () => {
    const history = { replaceState: () => {} } as unknown as History;
    hub({ 'POST /fleet/v1/session': 401, 'GET /fleet/v1/session': 401 });
    expect(await enter(place('#key=wrong'), history)).toBe('refused');
    expect(await enter(place(''), history)).toBe('out');
    hub({});
    expect(await enter(place(''), history)).toBe('unreachable');
  });
});
