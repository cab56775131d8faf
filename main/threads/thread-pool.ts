/**
 * Imported before anything else of a process. Names are looked up on libuv's threads, of which there are four by default:
 * two dead names would hold up every other one (reliability F7). Read when the first of them is needed.
 */
process.env["UV_THREADPOOL_SIZE"] ??= "64";
