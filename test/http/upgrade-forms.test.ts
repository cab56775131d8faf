/** What a native door is taught of upgrades, and when that is forgotten. */
import { expect, test } from "vitest";
import type { RouteConfig } from "../../app/contract/config.ts";
import type { Form } from "../../app/forward/native-addon.ts";
import { readPlainHead } from "../../app/http/plain-head.ts";
import { UpgradeForms, type JudgedUpgrade } from "../../app/http/upgrade-forms.ts";

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const client = "127.0.0.1";
const expected = { bytes: Buffer.from("yes"), acceptAt: -1, head: {} as never };

function headOf(...lines: readonly string[]): Buffer {
  return Buffer.from(["GET /p HTTP/1.1", "Host: a", "Connection: Upgrade", ...lines, "", ""].join("\r\n"));
}
const plain = headOf("Upgrade: websocket", `Sec-WebSocket-Key: ${key}`);
const requestOf = (head: Buffer, line = `X-Forwarded-For: ${client}`) =>
  Buffer.from(head.toString().replace("\r\n\r\n", `\r\n${line}\r\n\r\n`));

function judged(forms: UpgradeForms, head = plain, request: Buffer | null = requestOf(head)): JudgedUpgrade {
  const read = readPlainHead(head);
  if (!read) throw new Error("not a plain head");
  const matched = { request: read.request, entry: { route: {} as RouteConfig } } as JudgedUpgrade["matched"];
  const order = { address: { host: "127.0.0.1", port: 1 } } as JudgedUpgrade["order"];
  return {
    ...{ matched, head, client, request, order },
    kind: "websocket",
    service: {} as never,
    era: forms.era,
  };
}

/** A door that keeps what it is taught, and hears of others while it forgets. */
function setUp() {
  const forms = new UpgradeForms();
  const taught: Form[] = [];
  const door = { heard: () => undefined as void };
  forms.use({
    teach: (...form) => void taught.push(form),
    forget() {
      taught.length = 0;
      door.heard();
    },
    close: () => undefined,
  });
  return { forms, taught, door };
}

test("the key's places and the address's are told, and the address is taken out of the request", () => {
  const { forms, taught } = setUp();
  const upgrade = judged(forms);
  forms.teach(upgrade, expected);
  const [serial = 0, head, keyAt = 0, bytesKeyAt = 0, clientAt = 0, , , bytes] = taught[0] ?? [];
  const said = Buffer.from(bytes ?? []).toString();
  expect(head).toEqual(plain);
  expect(plain.toString("latin1", keyAt, keyAt + key.length)).toBe(key);
  expect(said.slice(bytesKeyAt, bytesKeyAt + key.length)).toBe(key);
  expect(`${said.slice(0, clientAt)}${client}${said.slice(clientAt)}`).toBe(upgrade.request?.toString());
  expect(said).not.toContain(client);
  expect(forms.of(serial)).toEqual({ upgrade, expected });
});

test("nothing is taught where what differs from client to client cannot be told from the rest", () => {
  const { forms, taught } = setUp();
  const twice = headOf("Upgrade: websocket", `Sec-WebSocket-Key: ${key}`, `X: ${key}`);
  const odd = headOf("Upgrade: websocket", "Sec-WebSocket-Key: not-a-key");
  forms.teach(judged(forms, twice), expected);
  forms.teach(judged(forms, odd), expected);
  forms.teach(judged(forms, plain, plain), expected);
  forms.teach(
    judged(forms, plain, requestOf(plain, `X-Forwarded-For: ${client}\r\nX-Forwarded-For: ${client}`)),
    expected,
  );
  expect(taught).toEqual([]);
  // Where Shunt answers there is no request to fill in.
  forms.teach(judged(forms, plain, null), null);
  expect(taught).toHaveLength(1);
});

test("what was judged before a change is not taught behind it, and nothing is while it is under way", () => {
  const { forms, taught } = setUp();
  const before = judged(forms);
  forms.renew();
  forms.teach(before, expected);
  forms.hold();
  forms.teach(judged(forms), expected);
  forms.renew();
  forms.teach(judged(forms), expected);
  expect(taught).toEqual([]);
  forms.resume();
  forms.teach(judged(forms), expected);
  expect(taught).toHaveLength(1);
});

test("who is heard of while all is forgotten may teach, and that is kept", async () => {
  const { forms, taught, door } = setUp();
  forms.teach(judged(forms), expected);
  const [first = 0] = taught[0] ?? [];
  door.heard = () => forms.teach(judged(forms), expected);
  forms.renew();
  expect(forms.of(first)).toBeNull();
  expect(taught).toHaveLength(1);
  expect(forms.of(taught[0]?.[0] ?? 0)).not.toBeNull();
  // The same where there are too many.
  for (let at = 0; at < 1_000; at++) {
    forms.teach(judged(forms), expected);
    await Promise.resolve();
    const live = taught.slice(-8).map(([serial]) => forms.of(serial));
    expect(live).not.toContain(null);
  }
});
