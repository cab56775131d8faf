/** What the payloads of the request channels must look like. */
import { z } from "zod";
import type { ShellRequest } from "./channels.ts";

/** The service checks name and argument against the contract; here only the envelope is. */
export const callMessage = z.strictObject({ name: z.string().min(1).max(64), argument: z.unknown() });

const theme = z.enum(["system", "light", "dark"]);

/** The name must stay inside the folder that the operator chooses. */
const fileToSave = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  // An Envoy file of ten thousand routes has 36 MB.
  text: z.string().max(100_000_000),
});

export const shellMessage = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("copy-text"), text: z.string().max(100_000) }),
  z.strictObject({ do: z.literal("get-settings") }),
  z.strictObject({ do: z.literal("set-theme"), theme }),
  z.strictObject({ do: z.literal("set-route-muted"), id: z.string().min(1).max(63), muted: z.boolean() }),
  z.strictObject({ do: z.literal("save-files"), files: z.array(fileToSave).min(1).max(1_000) }),
  z.strictObject({ do: z.literal("open-route"), id: z.string().min(1).max(63) }),
  z.strictObject({ do: z.literal("get-start-at-login") }),
  z.strictObject({ do: z.literal("set-start-at-login"), on: z.boolean() }),
  z.strictObject({ do: z.literal("take-wishes") }),
  z.strictObject({ do: z.literal("get-link") }),
  z.strictObject({ do: z.literal("list-connections"), listed: z.boolean() }),
]) satisfies z.ZodType<ShellRequest>;

export const themeMessage = theme;
