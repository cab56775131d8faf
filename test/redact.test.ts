/** What looks like a credential never reaches the activity or the log file. */
import { describe, expect, test } from "vitest";
import { createActivityLog } from "../app/engine/activity-log.ts";
import { redact } from "../app/redact.ts";

const secret = "s3cr.t";

describe("a credential is taken out", () => {
  test.each([
    ["URL user info", `connect tcp://ops:${secret}@amps:9007 failed`, "connect tcp://***@amps:9007 failed"],
    ["user info with @ and colons", `http://u:${secret}@x:w@host/x`, "http://***@host/x"],
    ["user info without a scheme", `The Host header "ops:${secret}@h:1"`, 'The Host header "ops:***@h:1"'],
    ["user info with a slash", `http://u:a/${secret}@host/x`, "http://***@host/x"],
    [
      "user info in a URL within a URL",
      `/go?to=http%3A%2F%2Fu%3A${secret}%40host`,
      "/go?to=http%3A%2F%2F***%40host",
    ],
    ["a parameter", `GET /x?password=${secret}&a=1`, "GET /x?password=***&a=1"],
    [
      "AMPS's pw",
      `{"c":"logon","pw":"${secret} x","user_id":"ops"}`,
      '{"c":"logon","pw":***,"user_id":"ops"}',
    ],
    ["a quoted quote", `{"password":"a\\"${secret}"}`, '{"password":***}'],
    ["JSON within JSON", `"{\\"pw\\":\\"${secret}\\"}"`, null],
    ["a token", `token=${secret}; next`, "token=***; next"],
    ["Authorization", `Authorization: Bearer ${secret}`, "Authorization: ***"],
    ["Proxy-Authorization", `proxy-authorization: Basic ${secret}==`, "proxy-authorization: ***"],
    ["a bare scheme", `sent Basic b3BzOn${secret}= to it`, "sent Basic *** to it"],
    ["cookies", `Set-Cookie: a=${secret}; c=d`, "Set-Cookie: ***"],
    [
      "a private key",
      `key -----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY----- end`,
      "key *** end",
    ],
    ["a private key that is cut off", `-----BEGIN PRIVATE KEY-----\n${secret}`, "***"],
  ])("%s", (_what, text, expected) => {
    expect(redact(text)).not.toContain(secret);
    if (expected !== null) expect(redact(text)).toBe(expected);
  });
});

test.each([
  "Tunnel corp refused the user and password. Check the tunnel's user and password or key.",
  "127.0.0.1:9007 refused the connection that tunnel desk tried.",
  "127.0.0.1:9007: the tunnel of ops@jump.example.com:22 is down; 12:30:00 (ops@[::1]:22)",
  "ops@jump.example.com did not let tunnel t in: tried a password. It takes publickey, password.",
  "wrong token given; ws://127.0.0.1:8080/prod-1/amps/json",
])("what is none stays: %s", (text) => {
  expect(redact(text)).toBe(text);
});

test("control bytes are escaped", () => {
  expect(redact("line\u0007bell\u001b[31m")).toBe("line\\x07bell\\x1b[31m");
});

test("the activity redacts whatever it is told", () => {
  const log = createActivityLog();
  log.note({
    event: "connection-failed",
    severity: "error",
    message: `tcp://ops:${secret}@amps:9007 failed`,
  });
  expect(JSON.stringify(log.entries())).not.toContain(secret);
  log.close();
});
