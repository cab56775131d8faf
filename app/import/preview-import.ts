/** Answers an import request: gets the text, has its source read it, and fits the outcome into the configuration. */
import type { Reply } from "../contract/commands.ts";
import type { ShuntConfig } from "../contract/config.ts";
import type { ImportPreview, ImportRequest } from "../contract/import.ts";
import { parseEndpoint } from "../config/address.ts";
import { accept, refuse } from "../failures.ts";
import { listenKey } from "../listen/listener-plan.ts";
import { readSshConfigText } from "../tunnels/ssh/ssh-config-file.ts";
import { sshSurroundings, type SshSurroundings } from "../tunnels/ssh/ssh-hops.ts";
import { ampsConfigSource } from "./amps-config-source.ts";
import { haproxySource } from "./haproxy/haproxy-source.ts";
import type { Understood } from "./import-source.ts";
import { nginxSource } from "./nginx/nginx-source.ts";
import { planImport } from "./plan-import.ts";
import { sshConfigSource } from "./ssh-config-source.ts";

interface ImportMeans {
  /** As it is saved. */
  readonly config: ShuntConfig;
  /** With its placeholders replaced. */
  readonly resolved: ShuntConfig;
  readonly readInstanceConfig: (backend: string) => Promise<Reply<string>>;
  /** For each address the next one that is free on this machine. */
  readonly freeListens: (listens: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Default: this machine's. */
  readonly ssh?: SshSurroundings;
}

export async function previewImport(
  request: ImportRequest,
  means: ImportMeans,
): Promise<Reply<ImportPreview>> {
  const understood = await understand(request, means);
  if (!understood.ok) return understood;
  const { additions, notUnderstood } = understood.value;
  const { config, resolved } = means;
  const movable = additions.routes.filter(({ anyListen }) => anyListen).map(({ row }) => listenKey(row));
  const freeListens = await means.freeListens([...new Set(movable)]);
  return accept({ items: planImport(additions, { config, resolved, freeListens }), notUnderstood });
}

async function understand(request: ImportRequest, means: ImportMeans): Promise<Reply<Understood>> {
  switch (request.source) {
    case "ssh-config":
      return request.text === null
        ? readOwnSshConfig(means.ssh ?? sshSurroundings(), request.optional ?? false)
        : sshConfigSource(request.text, { own: false });
    case "amps-config":
      return ampsConfigSource(request.text, request);
    case "nginx":
      return nginxSource(request.text, null);
    case "haproxy":
      return haproxySource(request.text, null);
    case "amps-instance":
      return readInstance(request.backend, means);
  }
}

function readOwnSshConfig({ configFile, home }: SshSurroundings, isOptional: boolean): Reply<Understood> {
  const text = readSshConfigText(configFile, home);
  if (text.trim() !== "" || isOptional) return sshConfigSource(text, { own: true });
  return refuse("IMPORT_UNREADABLE", `${configFile} is not there, cannot be read, or is empty.`, {
    advice: "Choose the file or paste its text.",
  });
}

async function readInstance(
  id: string,
  { resolved, readInstanceConfig }: ImportMeans,
): Promise<Reply<Understood>> {
  const backend = resolved.backends.find((one) => one.id === id);
  if (!backend) return refuse("NOT_FOUND", `There is no backend ${id}.`);
  const admin = backend.admin === undefined ? null : parseEndpoint("admin", backend.admin);
  if (!admin)
    return refuse(
      "ENDPOINT_MISSING",
      `Backend ${id} has no admin endpoint, where its configuration could be read.`,
    );
  const text = await readInstanceConfig(id);
  if (!text.ok) return text;
  return ampsConfigSource(text.value, { host: admin.host, via: backend.via ?? null, is: id });
}
