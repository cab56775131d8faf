/** The contract over the local API of `shunt serve`: commands by POST, events by WebSocket. */
import type { Bridge, LinkState, LiveBridge } from "../../../app/contract/bridge.ts";
import type { CommandName, Reply, Result } from "../../../app/contract/commands.ts";
import type { LiveEvent } from "../../../app/contract/live.ts";

/** How the server closes a live connection whose token it does not know. */
const wrongTokenCode = 4401;
const firstRetryMs = 500;
const longestRetryMs = 15_000;
/** A retry starts early when the operator comes back to the page or the network returns. */
const wakeEvents = ["online", "focus"] as const;

/** What the server says of the connection itself: that it has begun, and that it lists connections, or does not, as wished. */
type Greeting = { readonly type: "hello" } | { readonly type: "listing"; readonly connections: boolean };

interface HttpBridgeOptions {
  /** `http://127.0.0.1:8090`, without a slash at the end. */
  readonly base: string;
  readonly token: string;
  /** Called once the server has refused the token. */
  readonly onRefused: () => void;
  readonly fetch?: typeof fetch;
  readonly WebSocket?: typeof WebSocket;
  readonly wake?: Pick<EventTarget, "addEventListener" | "removeEventListener">;
}

/** A bridge over HTTP and WebSocket, and a way to end it. */
export interface HttpBridge extends LiveBridge {
  close(): void;
}

/** Opens the live connection at once, and again with growing pauses when it ends. */
export function openHttpBridge(options: HttpBridgeOptions): HttpBridge {
  const { base, token, onRefused, wake } = options;
  const call = createCaller(options, refuse);
  const Socket = options.WebSocket ?? WebSocket;
  const eventListeners = new Set<(event: LiveEvent) => void>();
  const link = watchLink();
  let lists = false;
  /** Waits for the server to say that it lists, or for the end of a connection: the next one begins with the wish. */
  const listing = new Set<() => void>();
  const settleListing = (): void => {
    listing.forEach((resolve) => resolve());
    listing.clear();
  };
  let retryInMs = firstRetryMs;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | null = null;
  let ended = false;

  function refuse(): void {
    if (ended) return;
    close();
    link.set("lost");
    onRefused();
  }

  function connect(): void {
    clearTimeout(retryTimer);
    if (ended || socket) return;
    const opened = new Socket(`${base.replace(/^http/, "ws")}/api/live`);
    socket = opened;
    opened.onopen = () => opened.send(JSON.stringify({ token, connections: lists }));
    opened.onmessage = (message) => {
      retryInMs = firstRetryMs;
      // The first message is the server's welcome: from here on nothing is missed.
      link.set("live");
      const event = JSON.parse(String(message.data)) as LiveEvent | Greeting;
      if (event.type === "listing") {
        // An answer to an earlier wish says nothing of the last one.
        if (event.connections === lists) settleListing();
      } else if (event.type !== "hello") eventListeners.forEach((listener) => listener(event));
    };
    opened.onclose = (closing) => {
      if (socket === opened) socket = null;
      settleListing();
      if (ended) return;
      if (closing.code === wrongTokenCode) return refuse();
      link.set("lost");
      retryTimer = setTimeout(() => void reconnect(), retryInMs);
      retryInMs = Math.min(retryInMs * 2, longestRetryMs);
    };
    // A close follows every error and says the same.
    opened.onerror = () => undefined;
  }

  /** Asks something small first: it tells a refused token from a server that is away. */
  async function reconnect(): Promise<void> {
    const reply = await call("about.get", null);
    if (ended || socket) return;
    if (reply.ok) connect();
    else {
      clearTimeout(retryTimer);
      retryTimer = setTimeout(() => void reconnect(), retryInMs);
      retryInMs = Math.min(retryInMs * 2, longestRetryMs);
    }
  }

  const wakeUp = (): void => {
    if (!socket && !ended && link.now() === "lost") void reconnect();
  };
  wakeEvents.forEach((name) => wake?.addEventListener(name, wakeUp));

  function close(): void {
    ended = true;
    clearTimeout(retryTimer);
    wakeEvents.forEach((name) => wake?.removeEventListener(name, wakeUp));
    socket?.close();
  }

  connect();
  return {
    call,
    shell: null,
    onEvent(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    onLink: link.on,
    listConnections(isListed) {
      lists = isListed;
      if (socket?.readyState !== Socket.OPEN) return Promise.resolve();
      socket.send(JSON.stringify({ connections: isListed }));
      return new Promise((resolve) => listing.add(resolve));
    },
    close,
  };
}

/** Whether the server is there, and who wants to know. */
function watchLink() {
  const listeners = new Set<(state: LinkState) => void>();
  let link: LinkState = "connecting";
  return {
    now: () => link,
    set(next: LinkState): void {
      if (next === link) return;
      link = next;
      listeners.forEach((listener) => listener(next));
    },
    on(listener: (state: LinkState) => void) {
      listeners.add(listener);
      listener(link);
      return () => listeners.delete(listener);
    },
  };
}

/** Sends commands; `onUnauthorized` hears of a token that is refused. */
function createCaller(options: HttpBridgeOptions, onUnauthorized: () => void): Bridge["call"] {
  const { base, token } = options;
  const request = options.fetch ?? fetch.bind(globalThis);
  return async function call<N extends CommandName>(name: N, argument: unknown): Promise<Reply<Result<N>>> {
    try {
      const response = await request(`${base}/api/commands/${name}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify(argument),
      });
      if (response.status === 401) onUnauthorized();
      if (response.headers.get("Content-Type")?.startsWith("application/json"))
        return (await response.json()) as Reply<Result<N>>;
      return unanswered(`Shunt refused this: ${(await response.text()).trim()}`);
    } catch {
      return unanswered("Shunt did not answer.");
    }
  };
}

function unanswered(message: string): Reply<never> {
  const advice = "See whether `shunt serve` is still running; the page reconnects by itself.";
  return { ok: false, failure: { code: "INTERNAL", hop: "shunt", message, advice } };
}
