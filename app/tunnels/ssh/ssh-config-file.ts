/** Reads OpenSSH's client configuration (ssh_config(5)) as far as it says how to reach a host. Runs no command. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import SSHConfig from "ssh-config";

/** What applies to one host; absent where the file says nothing. Values are as written, tokens not yet expanded. */
export interface SshHostSettings {
  readonly hostName?: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  readonly identityAgent?: string;
  readonly proxyJump?: string;
  readonly hostKeyAlias?: string;
  readonly userKnownHostsFiles?: readonly string[];
}

const deepestInclude = 16;
// Each would run a program or look names up while the file is read.
const inert = /^\s*(CanonicalizeHostname|CanonicalDomains)\b/i;

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${source.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

function includedFiles(pattern: string, sshFolder: string, home: string): readonly string[] {
  const path = pattern.startsWith("~/") ? join(home, pattern.slice(2)) : pattern;
  const full = isAbsolute(path) ? path : join(sshFolder, path);
  if (!/[*?]/.test(full)) return [full];
  try {
    const names = readdirSync(dirname(full)).filter((name) => wildcard(basename(full)).test(name));
    return names.sort().map((name) => join(dirname(full), name));
  } catch {
    return [];
  }
}

/** A configuration's text with what it includes put in place; a file that is not there says nothing. */
export function readSshConfigText(file: string, home: string): string {
  return readWithIncludes(file, dirname(file), home);
}

/** Files that are not there are left out, as OpenSSH does. */
function readWithIncludes(file: string, sshFolder: string, home: string, depth = 0): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return "";
  }
  let section = "Host *";
  const lines = text.split(/\r?\n/).flatMap((line) => {
    if (inert.test(line)) return [];
    if (/^\s*(Host|Match)[\s=]/i.test(line)) section = line.trim();
    const included = /^\s*Include[\s=]+(.+)$/i.exec(line)?.[1];
    if (included === undefined) return [line];
    if (depth >= deepestInclude) return [];
    const files = included
      .trim()
      .split(/\s+/)
      .flatMap((one) => includedFiles(one.replace(/^"|"$/g, ""), sshFolder, home));
    // What follows the inclusion belongs to the section that it stands in.
    return [...files.map((one) => readWithIncludes(one, sshFolder, home, depth + 1)), section];
  });
  return lines.join("\n");
}

type Computed = Record<string, string | string[] | undefined>;

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function list(value: string | string[] | undefined): readonly string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : value.split(/\s+/);
}

/** What `file` says of a host as the operator names it. A file that is not there says nothing. */
export function readSshHost(file: string, home: string, host: string, user?: string): SshHostSettings {
  const config = SSHConfig.parse(readSshConfigText(file, home));
  const found = config.compute(
    { Host: host, ...(user !== undefined && { User: user }) },
    { ignoreCase: true, matchExec: false },
  ) as Computed;
  const { hostname, port, identityagent, proxyjump, hostkeyalias, userknownhostsfile } = found;
  const portNumber = Number(first(port));
  const configuredUser = first(found["user"]);
  const proxy = first(proxyjump);
  return {
    ...(hostname !== undefined && { hostName: first(hostname) ?? host }),
    ...(configuredUser !== undefined && { user: configuredUser }),
    ...(Number.isInteger(portNumber) && portNumber > 0 && portNumber < 65536 && { port: portNumber }),
    identityFiles: list(found["identityfile"]),
    identitiesOnly: /^yes$/i.test(first(found["identitiesonly"]) ?? ""),
    ...(identityagent !== undefined && { identityAgent: first(identityagent) ?? "" }),
    ...(proxy !== undefined && !/^none$/i.test(proxy) && { proxyJump: list(proxyjump).join(" ") }),
    ...(hostkeyalias !== undefined && { hostKeyAlias: first(hostkeyalias) ?? host }),
    ...(userknownhostsfile !== undefined && { userKnownHostsFiles: list(userknownhostsfile) }),
  };
}
