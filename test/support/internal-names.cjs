// Preloaded into the app under test and its threads: names below `.internal` are 127.0.0.1 to Node.js, as a VPN's name
// server would have it. Chromium does not know them.
const dns = require("node:dns");
const threads = require("node:worker_threads");

const { lookup } = dns;
dns.lookup = (name, options, done) => {
  const callback = typeof options === "function" ? options : done;
  if (!/\.internal$/.test(name)) return lookup(name, options, done);
  const all = typeof options === "object" && options !== null && options.all === true;
  process.nextTick(() =>
    all ? callback(null, [{ address: "127.0.0.1", family: 4 }]) : callback(null, "127.0.0.1", 4),
  );
};

const { Worker } = threads;
const started = (globalThis.startedThreads = []);
threads.Worker = class extends Worker {
  constructor(script, options) {
    const code = `require(${JSON.stringify(__filename)});require(${JSON.stringify(script)})`;
    super(code, { ...options, eval: true });
    // A test may end one, as a defect would.
    started.push({ script: String(script), worker: this });
  }
};
