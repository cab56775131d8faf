/** What every export promises: guarded routes alone, reasons for what is refused, no secrets, the same bytes again. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "../../app/config/parse-config.ts";
import type { ExportFormat } from "../../app/contract/export.ts";
import { everyKind } from "./every-kind.ts";
import { available } from "../support/available.ts";
import { findSecrets } from "../support/secret-search.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { exported, exportedText, fileNamed, judgeHaproxy, judgeNginx } from "./exported.ts";

const formats: readonly ExportFormat[] = ["nginx", "haproxy", "envoy", "amps", "clients", "json"];
const engines = ["nginx", "haproxy", "envoy"] as const;

const tunneled = {
  tunnels: [
    {
      id: "bastion",
      type: "ssh",
      address: "jump.example.com:2222",
      user: "ops",
      identityFile: "~/.ssh/id_ed25519",
      knownHosts: "/etc/ssh/known hosts",
      note: "second floor",
    },
    { id: "desk", type: "socks5", address: "127.0.0.1:1080" },
    { id: "corp", type: "http-connect", address: "proxy.example.com:3128", user: "ops" },
  ],
  backends: [
    { id: "far", via: "bastion", amps: "tcp://amps-far:9007", admin: "http://amps-far:8085" },
    { id: "desk-1", via: "desk", amps: "tcp://amps-desk:9007" },
    { id: "corp-1", via: "corp", amps: "tcp://amps-corp:9007" },
  ],
  routes: [
    { id: "a", listen: "127.0.0.1:9007", transport: "amps", target: "far" },
    { id: "b", listen: "127.0.0.1:8080", path: "/far", target: "far" },
    { id: "c", listen: "127.0.0.1:9008", transport: "amps", target: "desk-1" },
    { id: "d", listen: "127.0.0.1:9009", transport: "amps", target: "corp-1" },
  ],
};

test.each(engines)("%s: tunnels are refused with the reason, and nothing is written", (format) => {
  const { files, notExpressed } = exported(tunneled, { format });
  expect(files).toEqual([]);
  const refused = notExpressed.filter(({ outcome }) => outcome === "refused");
  expect(refused.map(({ code, backend }) => [code, backend])).toEqual([
    ["TUNNEL_SSH", "far"],
    ["TUNNEL_PROXY", "desk-1"],
    ["TUNNEL_PROXY", "corp-1"],
  ]);
  for (const { reason } of refused) expect(reason).toMatch(/^[A-Z].* (ssh -L|proxy) .*\.$/);
});

test.each(engines)(
  "%s: with annotate, an SSH tunnel becomes a unit whose local ends the file uses",
  (format) => {
    const { files } = exported(tunneled, { format, annotate: true });
    const [engine] = files;
    const unit = fileNamed(files, "shunt-tunnel-bastion.service");
    const ends = [...unit.text.matchAll(/-L 127\.0\.0\.1:(\d+):amps-far:(\d+)/g)];
    expect(ends.map(([, , remote]) => remote).sort()).toEqual(["8085", "9007"]);
    for (const [, local] of ends) {
      expect(Number(local)).toBeGreaterThanOrEqual(20_000);
      expect(engine?.text).toMatch(new RegExp(`(127\\.0\\.0\\.1:|port_value: )${local}\\b`));
    }
    expect(unit.text).toContain("ExitOnForwardFailure=yes");
    expect(unit.text).toContain("ServerAliveInterval=15");
    expect(unit.text).toContain('UserKnownHostsFile="/etc/ssh/known hosts"');
    expect(unit.text).toContain("-i %h/.ssh/id_ed25519");
    expect(unit.text).toContain("# bastion: second floor");
    expect(engine?.text).toContain("NOT REACHABLE until something listens on");
  },
);

const guarded = (more: object = {}) => ({
  backends: ["one", "two", "three"].map((id, at) => ({
    id,
    amps: `tcp://10.0.0.${at + 1}:9007`,
    drained: id === "one",
  })),
  pools: [{ id: "all", members: ["one", "two", "three"], balance: "least-connections", ...more }],
  routes: [{ id: "in", listen: "127.0.0.1:9007", transport: "amps", target: "all", clients: "publishers" }],
});

test.each(engines)(
  "%s: a guarded route is refused, or one server with a comment that names who was left out",
  (format) => {
    expect(exported(guarded(), { format })).toMatchObject({
      files: [],
      notExpressed: expect.arrayContaining([
        expect.objectContaining({ code: "GUARD", outcome: "refused", route: "in", pool: "all" }),
      ]),
    });
    const { files, notExpressed } = exported(guarded(), { format, annotate: true });
    const text = files[0]?.text ?? "";
    expect(text).toContain("10.0.0.2");
    expect(text).not.toMatch(/10\.0\.0\.[13]/);
    expect(text).not.toMatch(/\bbackup\b(?!\.)/m);
    expect(text.replace(/\n\s*#/g, "")).toContain("Left out: one, three");
    expect(notExpressed.find(({ code }) => code === "GUARD")?.outcome).toBe("left-out");
  },
);

test.each(engines)("%s: what Shunt knows from logons is refused or told", (format) => {
  const { pools, backends, routes } = guarded();
  const [route] = routes;
  const document = {
    backends,
    pools,
    routes: [
      { ...route, sticky: "client-name" },
      {
        id: "views",
        listen: "127.0.0.1:9008",
        transport: "amps",
        target: "all",
        clients: "subscribers",
        enforceRole: true,
      },
    ],
  };
  const found = exported(document, { format }).notExpressed.map(({ code, outcome, route: id }) => [
    code,
    outcome,
    id,
  ]);
  expect(found).toContainEqual(["ROLE", "refused", "views"]);
  expect(found).toContainEqual(["STICKY", "differs", "in"]);
});

test("HAProxy keeps the guard where the pool has an agent: every member, in maintenance until Shunt speaks", () => {
  const text = exportedText(guarded({ agent: "127.0.0.1:9101" }), { format: "haproxy" });
  const servers = text.split("\n").filter((line) => /^\s*server /.test(line));
  expect(servers).toHaveLength(3);
  for (const line of servers)
    expect(line).toMatch(
      /disabled agent-check agent-addr 127\.0\.0\.1 agent-port 9101 agent-inter 2s agent-send "\w+\\n"$/,
    );
});

test.each(formats)("%s: the same bytes, whatever order the keys were written in", (format) => {
  const shuffled = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffled)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, item]) => [key, shuffled(item)]),
          )
        : value;
  const one = exported(everyKind, { format, annotate: true });
  const other = exported(shuffled(everyKind) as object, { format, annotate: true });
  expect(other).toEqual(one);
});

test.each(engines)("%s: one more route adds lines and changes none", (format) => {
  const before = exportedText(everyKind, { format, annotate: true }).split("\n");
  const more = { id: "more", listen: "127.0.0.1:9950", transport: "amps", target: "one" };
  const after = exportedText(
    { ...everyKind, routes: [...everyKind.routes, more] },
    { format, annotate: true },
  ).split("\n");
  let at = 0;
  for (const line of after) if (line === before[at]) at += 1;
  expect(at, `kept up to ${before[at]}`).toBe(before.length);
});

test("Shunt's own JSON is read back as the same document", () => {
  const text = exportedText(everyKind, { format: "json" });
  const again = parseConfig(JSON.parse(text), {});
  if (!again.ok) throw new Error(JSON.stringify(again.problems));
  expect(again.value.document).toEqual({ version: 1, tunnels: [], ...everyKind });
  expect(exportedText(again.value.document, { format: "json" })).toBe(text);
});

test("placeholders: free text keeps them, JSON keeps all, and what was replaced is named", () => {
  const document = {
    backends: [{ id: "one", amps: "tcp://${AMPS_HOST}:9007", note: "ask ${PASSWORD}", label: "${PASSWORD}" }],
    routes: [{ id: "in", listen: "127.0.0.1:9007", transport: "amps", target: "one" }],
  };
  const env = { AMPS_HOST: "10.1.1.1", PASSWORD: secretOf("environment secret") };
  for (const format of formats) {
    const { files, notExpressed } = exported(document, { format }, env);
    const text = files.map((file) => file.text).join("\n");
    expect(findSecrets({ text })).toEqual([]);
    if (format === "json") expect(text).toContain("tcp://${AMPS_HOST}:9007");
    if (!engines.includes(format as "nginx")) continue;
    expect(text).toContain("10.1.1.1");
    expect(notExpressed.find(({ code }) => code === "PLACEHOLDERS")?.reason).toMatch(/\$\{AMPS_HOST\} had/);
  }
});

test("a public host is listened for, answered to, and told", () => {
  const request = { annotate: true, publicHost: "gw.example.com" };
  const nginx = exportedText(everyKind, { format: "nginx", ...request });
  expect(nginx).toContain("listen 0.0.0.0:8980 default_server");
  expect(nginx).toContain("gw\\.example\\.com:8980");
  expect(exportedText(everyKind, { format: "clients", ...request })).toContain(
    "ws://gw.example.com:8980/one/amps/json",
  );
  expect(exportedText(everyKind, { format: "amps", ...request })).toContain(
    "<SQLTransportInetAddr>gw.example.com:9910</SQLTransportInetAddr>",
  );
  const { notExpressed } = exported(everyKind, { format: "haproxy", ...request });
  expect(notExpressed.map(({ code }) => code)).toContain("BIND_ALL");
});

const hostile = fc
  .string({ unit: "grapheme", maxLength: 200 })
  .chain((text) =>
    fc.constantFrom(
      text,
      `\n}\nserver { ${text}`,
      `x\\\n${text}`,
      `"; ${text} #`,
      `\r\n    bind :1 ${text}`,
      `-->${text}<!--`,
      `\u2028${text}`,
    ),
  );

/** The file without its comments, as its own syntax has them. */
function withoutComments(text: string, format: ExportFormat): string {
  if (format === "amps") return text.replace(/<!--[^]*?-->/g, "").trimStart();
  return text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line) && line.trim() !== "")
    .join("\n");
}

/** Free text everywhere; what the first backend's environment decides stays decided. */
function documentWith(note: string, text: string): object {
  const [first, ...others] = everyKind.backends;
  const label = text.slice(0, 250) || "x";
  return {
    ...everyKind,
    backends: [
      { ...first, note, label },
      ...others.map((one) => ({ ...one, note, label, environment: `e${label}` })),
    ],
    pools: everyKind.pools.map((pool) => ({ ...pool, note })),
    routes: everyKind.routes.map((route) => ({ ...route, note: text })),
  };
}

test.each(["nginx", "haproxy", "envoy", "amps"] as const)(
  "%s: free text changes nothing but comments",
  { timeout: 60_000 },
  (format) => {
    const plain = withoutComments(exportedText(everyKind, { format, annotate: true }), format);
    fc.assert(
      fc.property(hostile, hostile, (note, text) => {
        const written = exportedText(documentWith(note, text), { format, annotate: true });
        expect(withoutComments(written, format) === plain, written).toBe(true);
        // eslint-disable-next-line no-control-regex
        expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
        for (const line of written.split("\n")) if (/^\s*#/.test(line)) expect(line).not.toMatch(/\\$/);
      }),
      { numRuns: format === "envoy" ? 10 : 40 },
    );
  },
);

test.skipIf(!available.nginxStream || !available.haproxy)(
  "NGINX and HAProxy take a file full of hostile text without a word",
  { timeout: 60_000 },
  () => {
    const text = '\n}\nserver { listen 1; } # \\\r\n    bind :1\n"; \u2028 evil\u0000 \\';
    for (const [format, judge] of [["nginx", judgeNginx] as const, ["haproxy", judgeHaproxy] as const]) {
      const { ok, said } = judge(exportedText(documentWith(text, text), { format, annotate: true }));
      expect(ok, said).toBe(true);
      expect(said).not.toMatch(/WARNING|ALERT|emerg/);
    }
  },
);

test.each(["nginx", "haproxy", "envoy", "amps", "clients", "json"] as const)(
  "%s: the golden file",
  async (format) => {
    const { files } = exported(everyKind, { format, annotate: true });
    const whole = files
      .map(({ name, text }) => `${files.length > 1 ? `=== ${name}\n` : ""}${text}`)
      .join("\n");
    await expect(whole).toMatchFileSnapshot(`fixtures/${format}.txt`);
  },
);

test.each(engines)(
  "%s: a name or path that the syntax would read as more is refused, never written",
  (format) => {
    const awkward = fc
      .tuple(
        fc.string({ maxLength: 20 }),
        fc.constantFrom('"', "'", "\n", "$x", ";", "{", "}", "#", "\\", "`", "%", "\t", "<"),
      )
      .map(([text, sign]) => `/etc/${text}${sign}x`);
    fc.assert(
      fc.property(awkward, awkward, (caFile, certFile) => {
        const document = {
          backends: [{ id: "one", amps: "tcps://10.0.0.1:9007", tls: { caFile, serverName: caFile } }],
          routes: [
            {
              id: "in",
              listen: "127.0.0.1:9007",
              transport: "amps",
              target: "one",
              tls: { certFile, keyFile: certFile },
            },
          ],
        };
        const { files, notExpressed } = exported(document, { format });
        expect(files).toEqual([]);
        expect(notExpressed.map(({ code }) => code)).toContain("UNSAFE_TEXT");
      }),
      { numRuns: 100 },
    );
  },
);
