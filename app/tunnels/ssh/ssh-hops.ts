/** From a tunnel's configuration and ~/.ssh/config to the chain of SSH servers to go through. */
import { existsSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import type { SshTunnelConfig } from "../../contract/config.ts";
import { parseSshAddress } from "../../config/address.ts";
import type { KnownHostsFile } from "./host-keys.ts";
import { readSshHost, type SshHostSettings } from "./ssh-config-file.ts";

/** One SSH server on the way. */
export interface SshHop {
  /** Where to connect to. */
  readonly host: string;
  readonly port: number;
  /** Under which name its key is known, where that is another. */
  readonly keyName: string;
  readonly user: string;
  readonly identityFiles: readonly IdentityFile[];
  /** The agent's socket, or null. */
  readonly agent: string | null;
  readonly knownHosts: readonly KnownHostsFile[];
  /** True for all but the last. */
  readonly isJump: boolean;
}

export interface IdentityFile {
  readonly path: string;
  /** The operator named it: its absence is worth telling. */
  readonly named: boolean;
}

/** What SSH takes from the machine it runs on. */
export interface SshSurroundings {
  readonly home: string;
  /** Default `~/.ssh/config`. */
  readonly configFile: string;
  readonly globalKnownHosts: string;
  /** `SSH_AUTH_SOCK`, or null. */
  readonly agent: string | null;
  readonly localUser: string;
}

export function sshSurroundings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SshSurroundings {
  const home = homedir();
  return {
    home,
    configFile: join(home, ".ssh", "config"),
    globalKnownHosts: "/etc/ssh/ssh_known_hosts",
    agent:
      env["SSH_AUTH_SOCK"] ?? (process.platform === "win32" ? String.raw`\\.\pipe\openssh-ssh-agent` : null),
    localUser: userInfo().username,
  };
}

const defaultIdentities = ["id_ed25519", "id_ecdsa", "id_rsa"];
const deepestJump = 8;

/** The first is connected to from here, each further one through the one before it. */
export function sshHops(config: SshTunnelConfig, around: SshSurroundings): readonly SshHop[] {
  const address = parseSshAddress(config.address) ?? { host: config.address, port: null };
  return chain({ ...address, user: config.user, config, around, depth: 0 });
}

interface Wanted {
  readonly host: string;
  readonly port: number | null;
  readonly user: string | undefined;
  readonly config: SshTunnelConfig;
  readonly around: SshSurroundings;
  readonly depth: number;
}

function chain(wanted: Wanted): readonly SshHop[] {
  const { config, around, depth } = wanted;
  const settings = readSshHost(around.configFile, around.home, wanted.host, wanted.user);
  const own = makeHop(wanted, settings);
  const jumps = settings.proxyJump === undefined || depth >= deepestJump ? [] : readJumps(settings.proxyJump);
  const before = jumps.flatMap((jump, index) =>
    // Only the first is reached by its own rules: the others are reached through the one before.
    index === 0
      ? chain({ ...jump, config, around, depth: depth + 1 })
      : [
          makeHop(
            { ...jump, config, around, depth: depth + 1 },
            readSshHost(around.configFile, around.home, jump.host, jump.user),
          ),
        ],
  );
  return [...before, own];
}

/** `user@host:port,host`, also as `ssh://user@host:port`. */
function readJumps(text: string): readonly Pick<Wanted, "host" | "port" | "user">[] {
  return text.split(",").flatMap((part) => {
    const [, user, rest = ""] = /^(?:ssh:\/\/)?(?:([^@]+)@)?(.+?)\/?$/.exec(part.trim()) ?? [];
    const address = parseSshAddress(rest);
    return address ? [{ ...address, user }] : [];
  });
}

function makeHop({ host, port, user, config, around, depth }: Wanted, settings: SshHostSettings): SshHop {
  const isJump = depth > 0;
  const loginUser = user ?? settings.user ?? around.localUser;
  const dialled = settings.hostName?.replaceAll("%h", host).replaceAll("%%", "%") ?? host;
  const dialPort = port ?? settings.port ?? 22;
  const expand = (path: string) =>
    expandTokens(path, { host: dialled, port: dialPort, user: loginUser, alias: host, around });
  const agent =
    settings.identityAgent === undefined ? around.agent : agentOf(settings.identityAgent, around, expand);
  return {
    host: dialled,
    port: dialPort,
    keyName: settings.hostKeyAlias ?? dialled,
    user: loginUser,
    identityFiles: identitiesOf(isJump ? undefined : config.identityFile, settings, config, around, expand),
    agent: settings.identitiesOnly ? null : agent,
    knownHosts: knownHostsOf(config, settings, around, expand),
    isJump,
  };
}

type Expand = (path: string) => string;

function identitiesOf(
  own: string | undefined,
  settings: SshHostSettings,
  config: SshTunnelConfig,
  around: SshSurroundings,
  expand: Expand,
): readonly IdentityFile[] {
  const named = own !== undefined ? [own] : settings.identityFiles.filter((file) => file !== "none");
  const chosen = named.length === 0 && config.identityFile !== undefined ? [config.identityFile] : named;
  if (chosen.length > 0) return chosen.map((path) => ({ path: expand(path), named: true }));
  return defaultIdentities
    .map((name) => ({ path: join(around.home, ".ssh", name), named: false }))
    .filter(({ path }) => existsSync(path));
}

function knownHostsOf(
  config: SshTunnelConfig,
  settings: SshHostSettings,
  around: SshSurroundings,
  expand: Expand,
): readonly KnownHostsFile[] {
  if (config.knownHosts !== undefined) return [{ path: expand(config.knownHosts), named: true }];
  const files = settings.userKnownHostsFiles ?? ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];
  return [...files.filter((file) => file !== "none").map(expand), around.globalKnownHosts].map((path) => ({
    path,
    named: false,
  }));
}

function agentOf(text: string, around: SshSurroundings, expand: Expand): string | null {
  if (/^none$/i.test(text)) return null;
  if (text === "SSH_AUTH_SOCK" || text === "$SSH_AUTH_SOCK") return around.agent;
  return expand(text);
}

interface Tokens {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly alias: string;
  readonly around: SshSurroundings;
}

/** The tokens of ssh_config(5) that name files, and `~/`. */
function expandTokens(path: string, { host, port, user, alias, around }: Tokens): string {
  const values: Readonly<Record<string, string>> = {
    "%": "%",
    d: around.home,
    h: host,
    n: alias,
    p: String(port),
    r: user,
    u: around.localUser,
    l: hostname(),
  };
  const full = path.startsWith("~/") ? join(around.home, path.slice(2)) : path;
  return full.replace(/%(.)/g, (all, token: string) => values[token] ?? all);
}

/** `ops@jump.example.com`, with the port where it is another than 22. */
export function describeHop({ user, host, port }: SshHop): string {
  return `${user}@${host}${port === 22 ? "" : `:${port}`}`;
}
