// The connection to the hub's live feed: opens, reads, and opens again for as long as it is wanted.
import type { LiveMessage } from '../api/types.gen';

export type Link = 'connecting' | 'live' | 'reconnecting' | 'denied' | 'closed';

export interface SocketPorts {
  /** Opens a WebSocket; the browser's by default. */
  open(url: string): Pick<WebSocket, 'close' | 'onopen' | 'onmessage' | 'onclose'>;
  /** Whether the hub still knows this browser; asked when the socket would not open, because a WebSocket does not tell its status. */
  allowed(): Promise<'yes' | 'no' | 'unreachable'>;
  random(): number;
}

const firstWaitMs = 400;
const longestWaitMs = 10_000;

export class LiveSocket {
  private socket: ReturnType<SocketPorts['open']> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly ports: SocketPorts,
    private readonly onMessage: (message: LiveMessage) => void,
    private readonly onLink: (link: Link) => void,
  ) {}

  start(): void {
    this.onLink('connecting');
    this.connect();
  }

  stop(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.drop();
    this.onLink('closed');
  }

  /** Tries at once: the machine woke up or has a network again. */
  hurry(): void {
    if (this.closed || this.socket) return;
    clearTimeout(this.timer);
    this.connect();
  }

  private connect(): void {
    let opened = false;
    const socket = this.ports.open(this.url);
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
    };
    socket.onmessage = (event) => {
      const message = parse(event.data);
      if (!message) return;
      if (message.type === 'snapshot') {
        this.failures = 0;
        this.onLink('live');
      }
      this.onMessage(message);
    };
    socket.onclose = () => void this.onClose(opened);
  }

  private async onClose(opened: boolean): Promise<void> {
    this.drop();
    if (this.closed) return;
    this.onLink('reconnecting');
    const attempt = this.failures++;
    if (!opened && (await this.ports.allowed()) === 'no') {
      if (this.closed) return;
      this.closed = true;
      return this.onLink('denied');
    }
    if (this.closed || this.socket) return;
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** attempt) * (0.5 + this.ports.random() / 2);
    this.timer = setTimeout(() => this.connect(), wait);
  }

  private drop(): void {
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }
}

function parse(data: unknown): LiveMessage | null {
  try {
    const message = JSON.parse(String(data)) as LiveMessage;
    return message.type === 'snapshot' || message.type === 'changes' ? message : null;
  } catch {
    return null;
  }
}
