/**
 * Small AMPS clients for tests: length-framed TCP (with HTTP preflight where wanted) and WebSocket. Both speak as
 * amps-facts sections 2 and 3 describe, and keep everything that arrives, so that a test can wait for what it expects.
 *
 *     const client = await AmpsTcpClient.connect({ port, name: "publisher-1" });   // connects and logs on
 *     await client.publish("orders", { id: 1 }, { persisted: true });
 *     const { records } = await client.sow("orders", "/id > 0");
 *     await client.subscribe("orders");
 *     const message = await client.nextMessage();                                  // the next delivery
 *     await client.close();
 */
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";

type Header = Record<string, unknown>;

/** One thing that the server said; a SOW batch is told record by record, each with the batch's header. */
interface Received {
  readonly header: Header;
  readonly body: string;
}

export interface ClientOptions {
  readonly port: number;
  readonly host?: string;
  readonly name?: string;
  readonly user?: string;
  readonly password?: string;
  /** Default `json`. */
  readonly messageType?: string;
  /** Default true: log on as soon as the connection stands. */
  readonly logon?: boolean;
  /** WebSocket and preflight: what comes before `/amps/<type>`. */
  readonly pathPrefix?: string;
  /** TCP only: begin with an HTTP preflight that asks for this Upgrade token. */
  readonly preflight?: string;
  /** Further header lines of the preflight or the WebSocket handshake. */
  readonly headers?: Readonly<Record<string, string>>;
}

const waitMs = 30_000;

interface Waiting {
  readonly match: (message: Received) => boolean;
  readonly take: (message: Received) => void;
  readonly giveUp: () => void;
}

/** Everything that both framings share: commands, acknowledgements, and waiting. */
abstract class AmpsClient {
  /** Everything that arrived and that nothing has waited for yet. */
  readonly received: Received[] = [];
  /** Resolves with how the connection ended: an error's code, or `end`. */
  readonly closed: Promise<string>;
  protected readonly options: ClientOptions;
  protected onClosed: (how: string) => void = () => undefined;
  #waiting: Waiting[] = [];
  #ended = false;
  #commands = 0;

  constructor(options: ClientOptions) {
    this.options = options;
    this.closed = new Promise((resolve) => (this.onClosed = resolve));
    void this.closed.then(() => {
      this.#ended = true;
      for (const { giveUp } of this.#waiting) giveUp();
    });
  }

  abstract send(header: Header, ...body: (string | Buffer)[]): void;
  abstract close(): Promise<void>;

  /** Sends a logon and answers its acknowledgement, whatever its status. */
  async logon(fields: Header = {}): Promise<Header> {
    const { name = "test-client", user = "", password } = this.options;
    return this.command({
      c: "logon",
      a: "processed",
      version: "5.3.5.0:test",
      client_name: name,
      user_id: user,
      ...(password === undefined ? {} : { pw: password }),
      ...this.logonFields(),
      ...fields,
    });
  }

  /** Sends a command that asks for one kind of acknowledgement (its `a`, the last where there are several). */
  async command(header: Header, body?: string): Promise<Header> {
    const cid = `c${++this.#commands}`;
    this.send({ cid, ...header }, ...(body === undefined ? [] : [body]));
    const kind = String(header["a"]).split(",").pop();
    return this.ack(
      (ack) => ack["cid"] === (header["cid"] ?? cid) && (ack["a"] === kind || ack["status"] === "failure"),
    );
  }

  /** Publishes; waits for `persisted` or else `processed`. */
  publish(
    topic: string,
    body: unknown,
    options: { persisted?: boolean; sequence?: bigint; delta?: boolean } = {},
  ): Promise<Header> {
    const header = {
      c: options.delta === true ? "delta_publish" : "publish",
      t: topic,
      a: options.persisted === true ? "persisted" : "processed",
      ...(options.sequence === undefined ? {} : { s: options.sequence.toString() }),
    };
    return this.command(header, typeof body === "string" ? body : JSON.stringify(body));
  }

  /** Subscribes and waits for `processed`; `fields` adds `filter`, `bm`, `o`, `sub_id`. */
  subscribe(topic: string, fields: Header = {}): Promise<Header> {
    return this.command({ c: "subscribe", t: topic, a: "processed", ...fields });
  }

  /** Queries the state of a topic: its records in order, and the `completed` acknowledgement. */
  async sow(topic: string, filter = "", fields: Header = {}): Promise<{ records: Received[]; ack: Header }> {
    const query_id = `q${++this.#commands}`;
    const ack = await this.command({
      c: "sow",
      t: topic,
      filter,
      query_id,
      a: "processed,completed",
      ...fields,
    });
    const records = this.#take(
      (message) => message.header["c"] === "sow" && message.header["query_id"] === query_id,
    );
    return { records, ack };
  }

  /** The next delivery (`p`), in order of arrival. */
  nextMessage(): Promise<Received> {
    return this.next((message) => message.header["c"] === "p");
  }

  async ack(match: (header: Header) => boolean): Promise<Header> {
    return (await this.next(({ header }) => header["c"] === "ack" && match(header))).header;
  }

  /** The first message that matches, of those already here or of those to come; rejects after half a minute, and where the connection has ended. */
  next(match: (message: Received) => boolean): Promise<Received> {
    const at = this.received.findIndex(match);
    const here = this.received[at];
    if (here !== undefined) {
      this.received.splice(at, 1);
      return Promise.resolve(here);
    }
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        const [why, all] = [this.#ended ? " before the end" : "", JSON.stringify(this.received)];
        reject(new Error(`nothing that matches arrived${why}; here: ${all.slice(0, 2_000)}`));
      };
      const waiting = { match, take: (message: Received) => (clearTimeout(timer), resolve(message)), giveUp };
      const timer = setTimeout(giveUp, waitMs);
      this.#waiting.push(waiting);
      if (this.#ended) giveUp();
    });
  }

  /** Fields that only this framing's logon has. */
  protected logonFields(): Header {
    return {};
  }

  protected take(message: Received): void {
    const waiting = this.#waiting.find(({ match }) => match(message));
    if (waiting === undefined) return void this.received.push(message);
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    waiting.take(message);
  }

  #take(match: (message: Received) => boolean): Received[] {
    const taken = this.received.filter(match);
    for (const message of taken) this.received.splice(this.received.indexOf(message), 1);
    return taken;
  }
}

/** An AMPS client over TCP. */
export class AmpsTcpClient extends AmpsClient {
  readonly socket: Socket;
  /** The answer to the preflight, head and all. */
  preflightReply = "";
  #bytes = Buffer.alloc(0);
  #isFramed: boolean;
  #onPreflight: () => void = () => undefined;

  private constructor(options: ClientOptions, socket: Socket) {
    super(options);
    this.socket = socket;
    this.#isFramed = options.preflight === undefined;
    let ending = "end";
    socket.on("error", (error: NodeJS.ErrnoException) => (ending = error.code ?? "error"));
    socket.on("close", () => this.onClosed(ending));
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
  }

  /** Connects, does the preflight where one is wanted, and logs on; rejects where the logon is refused. */
  static async connect(options: ClientOptions): Promise<AmpsTcpClient> {
    const socket = connect({ port: options.port, host: options.host ?? "127.0.0.1", noDelay: true });
    const client = new AmpsTcpClient(options, socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      void client.closed.then((how) => reject(new Error(how)));
    });
    if (options.preflight !== undefined) await client.#preflight(options.preflight);
    if (options.logon !== false) requireSuccess(await client.logon());
    return client;
  }

  send(header: Header, ...body: (string | Buffer)[]): void {
    const parts = [JSON.stringify(header), ...body].map((part) => Buffer.from(part as string));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
    this.socket.write(Buffer.concat([length, ...parts]));
  }

  async close(): Promise<void> {
    this.socket.end();
    await this.closed;
  }

  protected override logonFields(): Header {
    return { mt: this.options.messageType ?? "json" };
  }

  async #preflight(token: string): Promise<void> {
    const { pathPrefix = "", messageType = "json", port, headers = {} } = this.options;
    const lines = Object.entries({
      Host: `127.0.0.1:${port}`,
      Connection: "Upgrade",
      Upgrade: token,
      ...headers,
    });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const answered = new Promise<void>((resolve) => (this.#onPreflight = resolve));
    this.socket.write(`GET ${pathPrefix}/amps/${messageType} HTTP/1.1\r\n${head}\r\n`);
    await Promise.race([answered, this.closed]);
    if (!this.preflightReply.startsWith("HTTP/1.1 101 ")) {
      throw new Error(`preflight refused: ${this.preflightReply.split("\r\n", 1)[0]}`);
    }
  }

  #onData(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (!this.#isFramed) {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.preflightReply = this.#bytes.toString("latin1", 0, end + 4);
      this.#bytes = this.#bytes.subarray(end + 4);
      this.#isFramed = true;
      this.#onPreflight();
    }
    while (this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readUInt32BE(0)) {
      const end = 4 + this.#bytes.readUInt32BE(0);
      this.#onFrame(this.#bytes.subarray(4, end));
      this.#bytes = this.#bytes.subarray(end);
    }
  }

  #onFrame(frame: Buffer): void {
    const { header, rest } = splitHeader(frame);
    if (header["c"] !== "sow") return this.take({ header, body: rest.toString("utf8") });
    let left = rest;
    for (let at = 0; at < Number(header["bs"]); at += 1) {
      const record = splitHeader(left);
      const length = Number(record.header["l"]);
      this.take({ header: { ...header, ...record.header }, body: record.rest.toString("utf8", 0, length) });
      left = record.rest.subarray(length);
    }
  }
}

/** An AMPS client over WebSocket, sending as the JavaScript client does. */
export class AmpsWsClient extends AmpsClient {
  readonly webSocket: WebSocket;
  #awaits: { header: Header; records: number } | null = null;

  private constructor(options: ClientOptions, webSocket: WebSocket) {
    super(options);
    this.webSocket = webSocket;
    webSocket.on("error", () => undefined);
    webSocket.on("close", (code) => this.onClosed(String(code)));
    webSocket.on("message", (data) => this.#onMessage((data as Buffer).toString("utf8")));
  }

  /** Connects, says the tag and logs on; rejects where the handshake or the logon is refused. */
  static async connect(options: ClientOptions): Promise<AmpsWsClient> {
    const { host = "127.0.0.1", port, pathPrefix = "", messageType = "json", headers = {} } = options;
    const url = `ws://${host}:${port}${pathPrefix}/amps/${messageType}`;
    const webSocket = new WebSocket(url, { headers, perMessageDeflate: false });
    const client = new AmpsWsClient(options, webSocket);
    await new Promise((resolve, reject) => {
      webSocket.once("open", resolve);
      webSocket.once("error", reject);
    });
    webSocket.send(messageType === "json" ? "text" : "binary");
    if (options.logon !== false) requireSuccess(await client.logon());
    return client;
  }

  send(header: Header, ...body: (string | Buffer)[]): void {
    const count = Buffer.alloc(4);
    count.writeUInt32LE(1 + body.length);
    this.webSocket.send(count);
    for (const part of [JSON.stringify(header), ...body]) this.webSocket.send(part);
  }

  async close(): Promise<void> {
    this.webSocket.close(1000, "Disconnect from the client");
    await this.closed;
  }

  #onMessage(text: string): void {
    const awaits = this.#awaits;
    if (awaits === null) return this.#onHeader(JSON.parse(text) as Header);
    if (awaits.header["c"] === "sow" && awaits.header["l"] === undefined) {
      awaits.header = { ...awaits.header, ...(JSON.parse(text) as Header) };
      return;
    }
    awaits.records -= 1;
    this.#awaits =
      awaits.records > 0 ? { header: withoutRecord(awaits.header), records: awaits.records } : null;
    this.take({ header: awaits.header, body: text });
  }

  #onHeader(header: Header): void {
    if (header["c"] === "sow") this.#awaits = { header, records: Number(header["bs"]) };
    else if (header["c"] === "p" && header["l"] !== 0) this.#awaits = { header, records: 1 };
    else this.take({ header, body: "" });
  }
}

function requireSuccess(ack: Header): void {
  if (ack["status"] !== "success") throw new Error(`logon refused: ${String(ack["reason"])}`);
}

function withoutRecord(header: Header): Header {
  const { k: _key, l: _length, ...batch } = header;
  return batch;
}

/** Splits at the end of the first JSON object; headers of these tests hold no braces inside strings. */
function splitHeader(bytes: Buffer): { header: Header; rest: Buffer } {
  const end = bytes.indexOf("}") + 1;
  return { header: JSON.parse(bytes.toString("utf8", 0, end)) as Header, rest: bytes.subarray(end) };
}
