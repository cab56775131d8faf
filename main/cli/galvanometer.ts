/** `shunt galvanometer`: a backend's Galvanometer in a browser profile of its own, through the forward proxy. */
import { createEngine } from "../../app/engine/engine.ts";
import type { EngineHandle } from "../../app/engine/engine-handle.ts";
import type { OpenedGalvanometer } from "../../app/galvanometer/galvanometers.ts";
import { openBrowserProfile } from "./browser-profile.ts";
import { findBrowser } from "./find-browser.ts";
import { printProblems, readConfig } from "./read-config.ts";
import { untilSignal } from "./until-signal.ts";

export interface GalvanometerFlags {
  readonly config: string;
  /** A path; false with --no-browser. */
  readonly browser?: string | boolean;
  /** Passed on to the browser. */
  readonly browserArgument?: readonly string[];
}

export async function runGalvanometer(backend: string, flags: GalvanometerFlags): Promise<void> {
  const signal = untilSignal();
  const read = readConfig(flags.config);
  if (!read.ok) {
    printProblems(read.problems);
    process.exitCode = 1;
    return;
  }
  const engine = createEngine();
  tellRefusals(engine);
  // Only the forward proxy: the routes may be running elsewhere.
  await engine.apply({ ...read.value.resolved, routes: [] }, 0);
  const reply = await engine.openGalvanometer(backend, { fenced: false });
  if (!reply.ok) {
    const { code, message, advice } = reply.failure;
    const known = read.value.resolved.backends.map(({ id }) => id).join(", ") || "none";
    process.stderr.write(`shunt: ${message} ${code === "NOT_FOUND" ? `Known: ${known}.` : advice}\n`);
    process.exitCode = 1;
    await engine.close(0);
    return;
  }
  const opened = reply.value;
  tellPeers(opened);
  const program =
    flags.browser === false ? null : typeof flags.browser === "string" ? flags.browser : findBrowser();
  if (program === null) {
    process.stdout.write(withoutBrowser(opened, flags.browser === false));
    await signal;
  } else {
    process.stdout.write(
      `${opened.address} opens in ${program}, in a profile of its own. Close that browser, or press Ctrl-C, to end.\n`,
    );
    const profile = openBrowserProfile(opened, { program, extra: browserExtras(flags) });
    await Promise.race([signal, profile.ended]);
    profile.close();
    const trouble = await profile.ended;
    if (trouble !== null) {
      process.stderr.write(`shunt: ${program} ${trouble}.\n`);
      process.exitCode = 1;
    }
  }
  await engine.close(0);
}

/** As root Chromium does not start in its sandbox. */
function browserExtras({ browserArgument = [] }: GalvanometerFlags): readonly string[] {
  return [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), ...browserArgument];
}

function tellRefusals(engine: EngineHandle): void {
  engine.onEvent((event) => {
    if (event.type !== "activity") return;
    for (const { severity, message } of event.entries)
      if (severity !== "info") process.stderr.write(`${message}\n`);
  });
}

function tellPeers({ backend, uncovered }: OpenedGalvanometer): void {
  for (const { name, admin } of uncovered)
    process.stdout.write(
      `The statistics of ${backend.id} also name ${name === "" ? admin : `${name} (${admin})`}, which no backend covers.\n`,
    );
}

/** What to do by hand. */
function withoutBrowser({ address, proxyPort, user, password }: OpenedGalvanometer, wished: boolean): string {
  return `${wished ? "" : "No Chromium, Chrome, Edge or Brave was found. Install one, or name it with --browser PATH.\n\n"}Any browser will do that sends everything, loopback included, through this proxy:

  proxy     127.0.0.1:${proxyPort} (HTTP, for all protocols)
  user      ${user}
  password  ${password}
  page      ${address}

A Chromium takes it so, and asks for user and password:

  chromium --user-data-dir=DIRECTORY --proxy-server=127.0.0.1:${proxyPort} '--proxy-bypass-list=<-loopback>' ${address}

Use a profile for this alone: everything else is refused there. Press Ctrl-C to end.
`;
}
