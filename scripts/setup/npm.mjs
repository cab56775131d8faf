/** npm as a child process, and what its failures mean in one sentence. */
import { run } from "./child.mjs";

/**
 * @param {readonly string[]} args
 * @param {{ cwd: string, timeoutMs?: number }} options
 */
export function runNpm(args, options) {
  // Under `npm start` npm says where it is; without that, Windows needs the .cmd through a shell.
  const npm = process.env.npm_execpath;
  if (npm && /\.c?js$/.test(npm)) return run(process.execPath, [npm, ...args], options);
  return process.platform === "win32"
    ? run("cmd.exe", ["/d", "/s", "/c", "npm", ...args], options)
    : run("npm", args, options);
}

/**
 * The reason in npm's output that a person can act on.
 * @param {{ code: number, output: string, timedOut: boolean }} end
 */
export function whyNpmFailed(end) {
  if (end.timedOut) return "the package registry did not answer in time";
  if (end.code === 127) return "npm could not be started; is it installed?";
  const code = /npm (?:error|ERR!) code (\S+)/.exec(end.output)?.[1];
  if (code && /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT)$/.test(code))
    return `the package registry cannot be reached (${code}); check the network, or npm's \`registry\` setting`;
  if (code === "ENOSPC") return "the disk is full";
  if (code === "EUSAGE")
    return "package.json and package-lock.json do not agree; run `npm install` and commit the lock file";
  const detail = /npm (?:error|ERR!) (?!code)(.+)/.exec(end.output)?.[1];
  return `npm failed with ${code ?? `exit code ${end.code}`}${detail ? `: ${detail}` : ""}`;
}
