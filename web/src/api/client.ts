// Calls of the fleet API that the board makes. The session cookie goes along by itself.
import type {
  Batch,
  BatchItemPage,
  BatchItemsAdded,
  ErrorReply,
  FlowPage,
  Invite,
  ModelPage,
  Provider,
  ProviderAdded,
  ProviderPage,
  ProviderSpec,
  RecordedRequest,
  Replayed,
  RequestPage,
  SchedulePage,
  Session,
  SessionRequest,
  Task,
  TaskDetail,
  TaskPage,
  UsagePage,
  Why,
} from './types.gen';

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the hub was not reached
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** `body` is sent as JSON; a string as it is, as lines of JSON. */
async function call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  let reply: Response;
  const lines = typeof body === 'string';
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': lines ? 'application/x-ndjson' : 'application/json' };
  try {
    reply = await fetch(`/fleet/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: { ...type, ...headers },
      body: body === undefined || lines ? body : JSON.stringify(body),
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
/** In one sentence why it is where it is, and what would change that. */
export const explainTask = (id: string) => call<Why>('GET', `/tasks/${encodeURIComponent(id)}/why`);
export const retryTask = (id: string) => call<Task>('POST', `/tasks/${encodeURIComponent(id)}/retry`);

/** Empty values are left out. */
const query = (values: Record<string, string | number>) =>
  new URLSearchParams(Object.entries(values).filter(([, v]) => v !== '').map(([k, v]) => [k, String(v)])).toString();
export const listRequests = (values: Record<string, string | number>) => call<RequestPage>('GET', `/requests?${query(values)}`);
export const showRequest = (id: string) => call<RecordedRequest>('GET', `/requests/${encodeURIComponent(id)}`);
export const replayRequest = (id: string) => call<Replayed>('POST', `/requests/${encodeURIComponent(id)}/replay`);
export const showUsage = (values: Record<string, string>) => call<UsagePage>('GET', `/usage?${query(values)}`);

export const listWaiting = (values: Record<string, string | number>) => call<TaskPage>('GET', `/tasks?${query({ state: 'queued,offered,waiting', ...values })}`);
export const listSchedules = () => call<SchedulePage>('GET', '/schedules?limit=1000');
export const actOnSchedule = (id: string, verb: 'run' | 'pause' | 'resume') => call<unknown>('POST', `/schedules/${encodeURIComponent(id)}/${verb}`);
export const listFlows = (limit: number) => call<FlowPage>('GET', `/flows?limit=${limit}`);
export const actOnFlow = (id: string, verb: 'pause' | 'resume') => call<unknown>('POST', `/flows/${encodeURIComponent(id)}/${verb}`);

export const listModels = () => call<ModelPage>('GET', '/models');
export const listProviders = () => call<ProviderPage>('GET', '/providers');
export const addProvider = (spec: Omit<ProviderSpec, 'test_only'>) => call<ProviderAdded>('POST', '/providers', spec);
export const removeProvider = (name: string) => call<Provider>('DELETE', `/providers/${encodeURIComponent(name)}`);
export const createInvite = () => call<Invite>('POST', '/invites', {});

const batchPath = (id: string) => `/batches/${encodeURIComponent(id)}`;
/** `maxCost`: decimal string in US dollars; empty: no limit. */
export const createBatch = (title: string, maxCost: string, key: string) =>
  call<Batch>('POST', '/batches', maxCost ? { title, max_cost_usd: maxCost } : { title }, { 'idempotency-key': key });
export const showBatch = (id: string) => call<Batch>('GET', batchPath(id));
export const addBatchItems = (id: string, lines: string) => call<BatchItemsAdded>('POST', `${batchPath(id)}/items`, lines);
export const sealBatch = (id: string) => call<Batch>('POST', `${batchPath(id)}/seal`);
export const cancelBatch = (id: string) => call<Batch>('POST', `${batchPath(id)}/cancel`);
export const retryBatch = (id: string) => call<Batch>('POST', `${batchPath(id)}/retry`);
export const listBatchItems = (id: string, query: string) => call<BatchItemPage>('GET', `${batchPath(id)}/items?${query}`);

/** Sends bytes under their hash. XMLHttpRequest, because fetch does not tell how much has been sent. */
export function putBlob(sha256: string, content: Blob, onSent: (bytes: number) => void): Promise<void> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `/fleet/v1/blobs/${sha256}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.responseType = 'json';
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onerror = () => failed(new ApiError(0, '', ''));
    request.onload = () => {
      if (request.status < 300) return done();
      const told = (request.response as ErrorReply | null)?.error;
      failed(new ApiError(request.status, told?.message ?? `HTTP ${request.status}`, told?.hint ?? ''));
    };
    request.send(content);
  });
}

/** The text of a result that was too long to be part of its task. */
export async function readBlob(id: string): Promise<string> {
  const reply = await fetch(`/fleet/v1/blobs/${encodeURIComponent(id.replace(/^sha256:/, ''))}`, { credentials: 'same-origin' });
  if (!reply.ok) throw new ApiError(reply.status, `HTTP ${reply.status}`, '');
  return reply.text();
}
