/** Requests that a strict server takes, in forms in which proxies have been seen to disagree; `{port}` and `{n}` are filled in. */

interface AcceptedRequest {
  readonly name: string;
  /** The bytes; the path begins with `/b`, which Shunt strips. */
  readonly bytes: string;
  /** What a backend has to see: one request each. */
  readonly seen: readonly SeenPart[];
}

interface SeenPart {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

const chunked = "Transfer-Encoding: chunked";

interface Form {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly string[];
  /** The body as it is written, and as it is read. */
  readonly written?: string;
  readonly read?: string;
  readonly version?: string;
}

function bytesOf({
  method = "GET",
  target = "/x",
  headers = [],
  written = "",
  version = "1.1",
}: Form): string {
  return (
    [
      `${method} /b${target} HTTP/${version}`,
      "Host: 127.0.0.1:{port}",
      "X-Vector: {n}",
      ...headers,
      "",
      "",
    ].join("\r\n") + written
  );
}

function accepted(name: string, form: Form): AcceptedRequest {
  const { method = "GET", target = "/x", written = "", read = written } = form;
  return { name, bytes: bytesOf(form), seen: [{ method, target, body: read }] };
}

function each(name: string, values: readonly string[], form: (value: string) => Form): AcceptedRequest[] {
  return values.map((value) => accepted(`${name} ${JSON.stringify(value.slice(0, 40))}`, form(value)));
}

const length = (body: string): string => `Content-Length: ${Buffer.byteLength(body, "latin1")}`;
const twoChunks = "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n";
/** Looks like a request: whoever miscounts takes it for one. */
const smuggled = "GET /b/smuggled HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Vector: {n}\r\n\r\n";

const framing: readonly AcceptedRequest[] = [
  accepted("no body", {}),
  accepted("an empty body by length", { method: "POST", headers: ["Content-Length: 0"] }),
  accepted("a length with zeros in front", {
    method: "POST",
    headers: ["Content-Length: 0003"],
    written: "abc",
  }),
  accepted("a length in blanks", { method: "POST", headers: ["Content-Length:  3 "], written: "abc" }),
  accepted("a body of every byte", {
    method: "POST",
    headers: ["Content-Length: 256"],
    written: Array.from({ length: 256 }, (_, at) => String.fromCharCode(at)).join(""),
  }),
  accepted("a body of 200,000 bytes", {
    method: "PUT",
    headers: ["Content-Length: 200000"],
    written: "0123456789".repeat(20_000),
  }),
  accepted("a body that is a request", {
    method: "POST",
    headers: ["Content-Length: {length}"],
    written: smuggled,
  }),
  accepted("chunks", { method: "POST", headers: [chunked], written: twoChunks, read: "abcdefg" }),
  accepted("no chunk at all", { method: "POST", headers: [chunked], written: "0\r\n\r\n", read: "" }),
  accepted("chunk sizes with zeros in front", {
    method: "POST",
    headers: [chunked],
    written: "0003\r\nabc\r\n000\r\n\r\n",
    read: "abc",
  }),
  accepted("chunk sizes in both cases", {
    method: "POST",
    headers: [chunked],
    written: `a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n`,
    read: "0123456789abcdefghij",
  }),
  accepted("a chunk extension", {
    method: "POST",
    headers: [chunked],
    written: "3;a=b\r\nabc\r\n0\r\n\r\n",
    read: "abc",
  }),
  accepted("a quoted chunk extension", {
    method: "POST",
    headers: [chunked],
    written: '3;a="b c"\r\nabc\r\n0\r\n\r\n',
    read: "abc",
  }),
  accepted("a trailer", {
    method: "POST",
    headers: [chunked],
    written: "3\r\nabc\r\n0\r\nX-End: y\r\n\r\n",
    read: "abc",
  }),
  accepted("chunks that are a request", {
    method: "POST",
    headers: [chunked],
    written: `3\r\nabc\r\n{length16}\r\n${smuggled}\r\n0\r\n\r\n`,
    read: `abc${smuggled}`,
  }),
  accepted("Transfer-Encoding in capitals", {
    method: "POST",
    headers: ["TRANSFER-ENCODING: CHUNKED"],
    written: twoChunks,
    read: "abcdefg",
  }),
  ...each("with a body:", ["PUT", "PATCH", "DELETE", "OPTIONS"], (method) => ({
    method,
    headers: [length("abc")],
    written: "abc",
  })),
  ...each("with chunks:", ["PUT", "PATCH", "DELETE", "OPTIONS"], (method) => ({
    method,
    headers: [chunked],
    written: twoChunks,
    read: "abcdefg",
  })),
  ...each("without a body:", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"], (method) => ({ method })),
  accepted("100-continue that nobody waits for", {
    method: "POST",
    headers: ["Expect: 100-continue", length("abc")],
    written: "abc",
  }),
];

const targets: readonly AcceptedRequest[] = each(
  "target",
  [
    "/",
    "/?",
    "/x?a=b&c=d",
    "/x?a=/../b",
    "/x?a=%2e%2e%2f%00",
    "/x?a=//b",
    "/x?a?b",
    "/x?%zz",
    "/x//y",
    "/x/",
    "/x;a=b/y",
    "/x,y",
    "/x:y@z",
    "/x!$&'()*+=~_-",
    "/x%20y",
    "/x%7Ey",
    "/x%7ey",
    "/%78",
    "/x%c3%a9",
    "/...",
    "/.x",
    "/x..y/z",
    "/x|y",
    '/x"y',
    "/x<y>",
    "/x[y]",
    "/x{y}^`",
    `/${"y".repeat(6_000)}`,
  ],
  (target) => ({ target }),
);

const headers: readonly AcceptedRequest[] = each(
  "header",
  [
    "X:",
    "X: ",
    "X:y",
    "X: \t y \t ",
    'X: a,b;c="d"',
    "x-UPPER-lower: y",
    "!#$%&'*+-.^_`|~: y",
    "X_under_score: y",
    "Connection: X-Vector2, close",
    "Connection: content-length",
    "Connection: host",
    "TE: trailers",
    "Proxy-Connection: keep-alive",
    "Content-Type: text/plain; charset=\u00e9",
    "Max-Forwards: 0",
    "Range: bytes=0-1",
    "If-None-Match: *",
    "Accept-Encoding: gzip, br",
    "X-Forwarded-Host: evil.example",
    "X-HTTP-Method-Override: DELETE",
    "X-Original-URL: /admin",
    `X-Long: ${"y".repeat(6_000)}`,
  ],
  (line) => ({ method: "POST", headers: [line, length("abc")], written: "abc" }),
);

const several: readonly AcceptedRequest[] = [
  {
    name: "two requests in one packet",
    bytes: bytesOf({ target: "/one" }) + bytesOf({ target: "/two" }),
    seen: [
      { method: "GET", target: "/one", body: "" },
      { method: "GET", target: "/two", body: "" },
    ],
  },
  {
    name: "a body, and a request behind it",
    bytes:
      bytesOf({ method: "POST", target: "/one", headers: [length("abc")], written: "abc" }) +
      bytesOf({ target: "/two" }),
    seen: [
      { method: "POST", target: "/one", body: "abc" },
      { method: "GET", target: "/two", body: "" },
    ],
  },
  {
    name: "chunks, and a request behind them",
    bytes:
      bytesOf({ method: "POST", target: "/one", headers: [chunked], written: twoChunks }) +
      bytesOf({ target: "/two" }),
    seen: [
      { method: "POST", target: "/one", body: "abcdefg" },
      { method: "GET", target: "/two", body: "" },
    ],
  },
  {
    name: "an empty line before the request",
    bytes: `\r\n${bytesOf({})}`,
    seen: [{ method: "GET", target: "/x", body: "" }],
  },
];

export const acceptedRequests: readonly AcceptedRequest[] = [...framing, ...targets, ...headers, ...several];

/** Fills in the port, the vector's number, and the lengths of bodies that hold them. */
export function fill(text: string, port: number, number: number): string {
  const known = (part: string) => part.replaceAll("{port}", String(port)).replaceAll("{n}", String(number));
  const inner = known(smuggled).length;
  return known(text).replace("{length16}", inner.toString(16)).replace("{length}", String(inner));
}
