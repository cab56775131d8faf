/** How the scripts speak: one line at a time on standard error, and never a stack trace for an expected failure. */

/** An expected failure: its message is the one sentence that the user reads. */
export class SetupFailure extends Error {}

/** Says one line on standard error, so that standard output stays the command's own. @param {string} line */
export function say(line) {
  process.stderr.write(`shunt: ${line}\n`);
}

/**
 * Runs a script's main function and turns whatever it throws into one line and exit code 1.
 * SHUNT_DEBUG=1 adds the stack.
 * @param {() => Promise<number>} main resolves with the exit code
 */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    if (process.env.SHUNT_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  }
}
