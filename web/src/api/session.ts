// From a key or a one-time code in the address to a session.
import { ApiError, openSession, showSession } from './client';
import type { SessionRequest } from './types.gen';

/** What the fragment `#key=...` or `#code=...` asks for, or null. */
export function requestFromFragment(fragment: string): SessionRequest | null {
  const values = new URLSearchParams(fragment.replace(/^#/, ''));
  const key = values.get('key');
  const code = values.get('code');
  if (key) return { key };
  if (code) return { code };
  return null;
}

export type Entry = 'in' | 'out' | 'refused' | 'unreachable';

/** Drops a secret from the address bar and its history entry, then exchanges it; without one, asks whether there is a session already. */
export async function enter(location: Location, history: History): Promise<Entry> {
  const request = requestFromFragment(location.hash);
  if (request) history.replaceState(null, '', location.pathname + location.search);
  try {
    await (request ? openSession(request) : showSession());
    return 'in';
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) return 'unreachable';
    if (!request) return 'out';
    return (await hasSession()) === 'yes' ? 'in' : 'refused';
  }
}

export async function hasSession(): Promise<'yes' | 'no' | 'unreachable'> {
  try {
    await showSession();
    return 'yes';
  } catch (error) {
    return error instanceof ApiError && (error.status === 401 || error.status === 403) ? 'no' : 'unreachable';
  }
}
