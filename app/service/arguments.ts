/** The shapes of the commands' arguments, checked at every carrier's door: nothing from outside is trusted. */
import { z } from "zod";
import { formatHostPort, parseHostPort } from "../config/address.ts";
import type { Argument, CommandName } from "../contract/commands.ts";
import { isPublicHost } from "../export/public-host.ts";
import { longestImportBytes } from "../import/import-source.ts";

const id = z.string().max(64);
const graceMs = z.int().min(0).max(3_600_000).optional();
const name = z.string().max(255);
const none = z
  .null()
  .or(z.undefined())
  .transform(() => null);

const ms = z.int().min(0).max(3_600_000);
const fault = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("limit"), bytes: z.int().min(1).max(1e12) }),
  z.strictObject({ do: z.enum(["reset", "half-open"]), afterMs: ms }),
  z.strictObject({ do: z.literal("blackhole"), closeAfterMs: ms }),
  z.strictObject({ do: z.literal("down") }),
]);
const conditions = z.strictObject({
  direction: z.enum(["both", "to-backend", "to-client"]).optional(),
  latencyMs: ms.optional(),
  jitterMs: ms.optional(),
  bandwidthKBps: z.number().min(0.1).max(1e7).optional(),
  slicer: z.strictObject({ bytes: z.int().min(1).max(1e9), delayMs: ms }).optional(),
  fault: fault.optional(),
});

const importText = z.string().max(longestImportBytes);
const importRequest = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("ssh-config"),
    text: importText.nullable(),
    optional: z.boolean().optional(),
  }),
  z.strictObject({
    source: z.literal("amps-config"),
    text: importText,
    // A host as an endpoint's URL has it.
    host: name
      .refine((host) => parseHostPort(formatHostPort({ host, port: 1 })) !== null, "is not a host")
      .nullable(),
    via: id.nullable(),
  }),
  z.strictObject({ source: z.enum(["nginx", "haproxy"]), text: importText }),
  z.strictObject({ source: z.literal("amps-instance"), backend: id }),
]);

const action = z.discriminatedUnion("do", [
  z.strictObject({ do: z.enum(["stop", "start"]) }),
  z.strictObject({ do: z.literal("slow"), delayMs: z.int().min(0).max(60_000) }),
  z.strictObject({ do: z.enum(["downgrade", "upgrade"]), to: name }),
]);

const shapes = {
  "about.get": none,
  "snapshot.get": z.strictObject({ connections: z.boolean() }).or(none),
  "activity.list": none,
  "history.get": none,
  "route.hour": z.strictObject({ id }),
  "config.get": none,
  "config.check": z.strictObject({ config: z.unknown() }),
  // The document itself is checked by the configuration's own rules.
  "config.put": z.strictObject({ config: z.unknown(), revision: z.int(), graceMs }),
  "import.preview": importRequest,
  "routes.enable": z.strictObject({ ids: z.array(id).max(10_000), enabled: z.boolean(), graceMs }),
  "route.retry": z.strictObject({ id }),
  "route.restart": z.strictObject({ id, graceMs }),
  "route.listen-for-session": z.strictObject({ id, port: z.int().min(1).max(65_535) }),
  "route.conditions.set": z.strictObject({
    id,
    conditions,
    forMs: z.int().min(1_000).max(28_800_000),
    reconnect: z.boolean().optional(),
  }),
  "route.conditions.clear": z.strictObject({ id }),
  "route.addresses": z.strictObject({ id }),
  "listen.suggest": z.strictObject({ listen: z.string().max(300) }),
  "connection.close": z.strictObject({ id }),
  "backend.probe": z.strictObject({ id }),
  "pool.promote": z.strictObject({ pool: id, member: id }),
  "backend.test": z.strictObject({ id, run: id }),
  "backend.test-stop": z.strictObject({ run: id }),
  "tunnel.retry": z.strictObject({ id }),
  "tunnel.stop": z.strictObject({ id }),
  "tunnel.answer": z.strictObject({ id }),
  "secrets.list": none,
  "secrets.forget": z.strictObject({ tunnel: id }),
  "galvanometer.open": z.strictObject({ backend: id }),
  "export.preview": z.strictObject({
    format: z.enum(["nginx", "haproxy", "envoy", "amps", "clients", "json"]),
    publicHost: z
      .string()
      .refine(isPublicHost, { error: "is not a host name or address without a port" })
      .optional(),
    annotate: z.boolean().optional(),
    run: id.optional(),
  }),
  "export.stop": z.strictObject({ run: id }),
  "galvanometer.allow": z.strictObject({
    backend: id,
    target: z.strictObject({ address: z.string().max(300), use: z.enum(["admin", "websocket"]) }),
  }),
  "sandbox.status": none,
  "sandbox.start": none,
  "sandbox.stop": z.strictObject({ remove: z.boolean() }),
  "sandbox.act": z.strictObject({ instance: name, action }),
  "update.status": none,
  "update.check": none,
  "update.download": none,
  "update.stop": none,
  "update.daily": z.strictObject({ on: z.boolean() }),
  "update.reveal": none,
} satisfies Record<CommandName, z.ZodType>;

export const commandNames = Object.keys(shapes) as readonly CommandName[];

export function isCommandName(value: string): value is CommandName {
  return Object.hasOwn(shapes, value);
}

/** The argument in its checked form, or what is wrong with it. */
export function checkArgument<N extends CommandName>(
  command: N,
  argument: unknown,
): { readonly ok: true; readonly value: Argument<N> } | { readonly ok: false; readonly problem: string } {
  const parsed = shapes[command].safeParse(argument);
  if (parsed.success) return { ok: true, value: parsed.data as Argument<N> };
  const [issue] = parsed.error.issues;
  return {
    ok: false,
    problem: `${issue?.path.map(String).join(".") || "argument"}: ${issue?.message ?? "is not valid"}`,
  };
}
