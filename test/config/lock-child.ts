/** Takes the lock of a file and keeps it until it is killed, or says who has it: what `file-lock.test.ts` starts. */
import { lockFile } from "../../app/config/file-lock.ts";

const [file = ""] = process.argv.slice(2);
const lock = lockFile(file, "a child");
process.stdout.write(`${lock.ok ? "locked" : lock.failure.message}\n`);
if (lock.ok) setInterval(() => undefined, 1_000);
