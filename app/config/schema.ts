/** The shape of the configuration document, version 1. What refers to what is checked in `references.ts`. */
import { z } from "zod";
import type { ShuntConfig } from "../contract/config.ts";
import { endpointKinds } from "./endpoint-kinds.ts";
import { parseEndpoint, parseHostPort, parseListen, parseSshAddress, schemesOf } from "./address.ts";

const idForm = /^[a-z0-9][a-z0-9-]{0,62}$/;
const id = z.string().regex(idForm, {
  error: "is not an id; use 1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit",
});
const target = z.string().regex(idForm, { error: "is not an id; choose a backend or a pool" });
const note = z.string().max(10_000);
const file = z.string().min(1).max(4096);
const text = z.string().min(1).max(255);

const tags = z
  .array(
    z.string().regex(/^[^\s,\p{C}]{1,40}$/u, {
      error: "is not a tag; use 1 to 40 characters without spaces, commas and control characters",
    }),
  )
  .max(16, { error: "are more than 16 tags" })
  .superRefine((list, context) => {
    const seen = new Set<string>();
    list.forEach((tag, index) => {
      const known = seen.has(tag.toLowerCase());
      if (known) context.addIssue({ code: "custom", path: [index], message: "is there twice; remove one" });
      seen.add(tag.toLowerCase());
    });
  });

const hostPort = z.string().refine((value) => parseHostPort(value) !== null, {
  error: "is not an address; write host:port or [v6]:port",
});

const listen = z
  .union([z.string(), z.number()], { error: "is not an address; write host:port, [v6]:port or a port" })
  .transform(String)
  .refine((value) => parseListen(value) !== null, {
    error: "is not an address to listen on; write host:port, [v6]:port or a port from 1 to 65535",
  });

function endpoint(kind: "amps" | "websocket" | "admin" | "replication") {
  const [plain, secure] = schemesOf(kind);
  return z.string().refine((value) => parseEndpoint(kind, value) !== null, {
    error: `is not the URL of a backend's ${kind} endpoint; write ${plain}://host:port or ${secure}://host:port`,
  });
}

const path = z.string().regex(/^(\/|(\/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+)$/, {
  error:
    "is not a path prefix; write /name or /name/name without a slash at the end, spaces or percent signs",
});
const noDotSegments = path.refine(
  (value) => !value.split("/").some((part) => part === "." || part === ".."),
  {
    error: "has a dot segment; a prefix is written without . and ..",
  },
);

const hostHeader = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/, {
    error: "is not a host name; write name or name:port",
  });
const vhost = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, {
  error: "is not a host name; write a lower-case name without a port, such as prod-1.localhost",
});
const origin = z.string().regex(/^https?:\/\/[A-Za-z0-9[\]:.-]+$/, {
  error: "is not an origin; write http://host:port or https://host:port without a path",
});

/** Names of hosts, as clients may name a server (RFC 6066 3: no addresses); a wildcard stands for one whole label (RFC 6125). */
const serverName = z
  .string()
  .regex(
    /^(?=.{1,253}$)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?=[a-z0-9-]*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    {
      error:
        "is not a server name; write a lower-case DNS name such as amps-ny.example.com, or *.example.com for any one label",
    },
  );
const serverNames = z
  .array(serverName)
  .refine((names) => names.length > 0, {
    error: "names nobody; leave it out on the route that takes what no name matches",
  })
  .refine((names) => names.length <= 64, { error: "are more than 64 names" });

const sshAddress = z.string().refine((value) => parseSshAddress(value) !== null, {
  error: "is not an address; write host:port, or a host alone for the port that ~/.ssh/config says (else 22)",
});

const tunnelCommon = { id, user: text.optional(), note: note.optional() };
const tunnel = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      ...tunnelCommon,
      address: sshAddress,
      type: z.literal("ssh"),
      identityFile: file.optional(),
      knownHosts: file.optional(),
    }),
    z.strictObject({ ...tunnelCommon, address: hostPort, type: z.enum(["socks5", "http-connect"]) }),
  ],
  { error: "is not a kind of tunnel; one of ssh, socks5, http-connect" },
);

const backend = z.strictObject({
  id,
  label: text.optional(),
  environment: text.optional(),
  via: id.optional(),
  amps: endpoint("amps").optional(),
  websocket: endpoint("websocket").optional(),
  admin: endpoint("admin").optional(),
  replication: endpoint("replication").optional(),
  adminAccess: z.enum(["full", "read-only"]).optional(),
  tls: z
    .strictObject({
      caFile: file.optional(),
      serverName: text.optional(),
      clientCertFile: file.optional(),
      clientKeyFile: file.optional(),
      verify: z.boolean().optional(),
    })
    .optional(),
  instanceName: text.optional(),
  drained: z.boolean().optional(),
  tags: tags.optional(),
  note: note.optional(),
});

/** A record of zod's leaves `__proto__` out in silence; every other key that is no member is told by `references.ts`. */
const weights = z
  .unknown()
  .refine((value) => typeof value !== "object" || value === null || !Object.hasOwn(value, "__proto__"), {
    path: ["__proto__"],
    error: "is not a weight; only members of the pool have one",
  })
  .pipe(z.record(z.string(), z.int().min(0).max(256)));

const pool = z.strictObject({
  id,
  members: z.array(id).min(1, { error: "is empty; name at least one backend" }),
  balance: z.enum(["primary", "round-robin", "least-connections", "least-load"]).optional(),
  load: z.enum(["cpu", "memory", "clients"]).optional(),
  weights: weights.optional(),
  links: z.array(z.strictObject({ from: id, to: id, type: z.enum(["sync", "async"]) })).optional(),
  agent: hostPort.optional(),
  note: note.optional(),
});

const route = z.strictObject({
  id,
  listen,
  transport: z.enum(endpointKinds).optional(),
  path: noDotSegments.optional(),
  host: vhost.optional(),
  target,
  clients: z
    .enum(["publishers", "queue-consumers", "bookmark-subscribers", "subscribers", "mixed"])
    .optional(),
  sticky: z.literal("client-name").optional(),
  enforceRole: z.boolean().optional(),
  preflight: z.enum(["answer", "pass"]).optional(),
  keepPrefix: z.boolean().optional(),
  hosts: z.array(hostHeader).optional(),
  origins: z.array(origin).optional(),
  tls: z.strictObject({ certFile: file, keyFile: file }).optional(),
  tlsPassthrough: z.boolean().optional(),
  serverNames: serverNames.optional(),
  enabled: z.boolean().optional(),
  tags: tags.optional(),
  note: note.optional(),
});

/** Version 1 as a zod schema; its output is a `ShuntConfig`. */
export const configSchema = z.strictObject({
  version: z.literal(1, { error: "is not a version this Shunt reads; it reads version 1" }),
  tunnels: z.array(tunnel).default([]),
  backends: z.array(backend).default([]),
  pools: z.array(pool).default([]),
  routes: z.array(route).default([]),
});

type Parsed = z.output<typeof configSchema>;
type WithoutUndefined<T> = T extends readonly (infer Item)[]
  ? readonly WithoutUndefined<Item>[]
  : T extends object
    ? { [K in keyof T]: WithoutUndefined<Exclude<T[K], undefined>> }
    : T;
/** What the schema has let through. Where schema and contract drift apart, whoever takes it does not compile. */
export type Validated =
  WithoutUndefined<Required<Parsed>> extends WithoutUndefined<Required<ShuntConfig>> ? ShuntConfig : never;
