/** What `npm start` passes to what it starts. */

/**
 * @param {{ appFolder: string, isRoot: boolean, extra: readonly string[] }} start
 * @returns {string[]}
 */
export function desktopArguments({ appFolder, isRoot, extra }) {
  // Chromium refuses to sandbox for root; everyone else keeps the sandbox.
  return [...(isRoot ? ["--no-sandbox"] : []), appFolder, ...extra];
}

/**
 * The saved configuration if there is one, else the sandbox; the user's own choice wins.
 * @param {{ savedConfig: string | null, extra: readonly string[] }} start
 * @returns {string[]}
 */
export function headlessArguments({ savedConfig, extra }) {
  if (extra.some((argument) => /^--(config|sandbox)(=|$)/.test(argument))) return ["serve", ...extra];
  return savedConfig === null
    ? ["serve", "--sandbox", ...extra]
    : ["serve", "--config", savedConfig, ...extra];
}

/**
 * Whether Electron could not run here at all (no library, no sandbox, no screen), as against an app that ended.
 * @param {{ code: number, signal: string | null, lastedMs: number }} end
 */
export function isStillborn({ code, signal, lastedMs }) {
  const crashed = signal !== null && /^SIG(TRAP|ABRT|SEGV|ILL|BUS)$/.test(signal);
  return lastedMs < 5000 && (crashed || code === 127 || code === 126);
}
