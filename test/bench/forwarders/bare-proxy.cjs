/** What Node's own sockets make of a connection, with nothing that a proxy is for: `node bare-proxy.cjs PORT BACKEND-PORT`. */
const net = require("node:net");

const [port, backendPort] = process.argv.slice(2).map(Number);
const options = { allowHalfOpen: true, noDelay: true };

function pass(from, to) {
  from.on("data", (chunk) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
}

net
  .createServer(options, (client) => {
    const backend = net.connect({ ...options, host: "127.0.0.1", port: backendPort });
    pass(client, backend);
    pass(backend, client);
  })
  .listen({ host: "127.0.0.1", port, backlog: 4096 });
