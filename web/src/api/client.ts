// Calls of the fleet API that the board makes. The session cookie goes along by itself.
import type { ErrorReply, Session, SessionRequest, Task, TaskDetail, TaskPage } from './types.gen';

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the hub was not reached
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(`/fleet/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, '', '');
  }
  if (!reply.ok) {
    const text = (await reply.json().catch(() => null)) as ErrorReply | null;
    throw new ApiError(reply.status, text?.error?.message ?? `HTTP ${reply.status}`, text?.error?.hint ?? '');
  }
  return (reply.status === 204 ? undefined : await reply.json()) as T;
}

export const openSession = (request: SessionRequest) => call<Session>('POST', '/session', request);
export const showSession = () => call<Session>('GET', '/session');
export const closeSession = () => call<void>('DELETE', '/session');
export const listEndedTasks = (limit: number) => call<TaskPage>('GET', `/tasks?state=succeeded,failed,cancelled&limit=${limit}`);
export const showTask = (id: string) => call<TaskDetail>('GET', `/tasks/${encodeURIComponent(id)}`);
export const cancelTask = (id: string) => call<Task>('POST', `/tasks/${encodeURIComponent(id)}/cancel`);
export const retryTask = (id: string) => call<Task>('POST', `/tasks/${encodeURIComponent(id)}/retry`);

/** The text of a result that was too long to be part of its task. */
export async function readBlob(id: string): Promise<string> {
  const reply = await fetch(`/fleet/v1/blobs/${encodeURIComponent(id.replace(/^sha256:/, ''))}`, { credentials: 'same-origin' });
  if (!reply.ok) throw new ApiError(reply.status, `HTTP ${reply.status}`, '');
  return reply.text();
}
