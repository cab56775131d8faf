/** Ranges of ports in the `listen` of an nginx.conf. */
import { expect, test } from "vitest";
import { nginxSource } from "../../app/import/nginx/nginx-source.ts";

test("an nginx.conf: a range of ports is a route for each, where it is of a hundred at most", () => {
  const conf = `stream { upstream desk { server amps-1:9007; }
    server { listen 127.0.0.1:9007-9009; proxy_pass desk; }
    server { listen 10001-10101; proxy_pass amps-1:9007; }
    server { listen 9010-9007; proxy_pass amps-1:9007; }
    server { listen 127.0.0.1:11000; listen 127.0.0.1:12001-12100; proxy_pass amps-1:9007; }
    server { listen 65530-65540; listen 127.0.0.1:5353-5360 udp; proxy_pass amps-1:9007; }
  }`;
  const tooMany = "listen: is a range; of one server 100 ports are taken over at most.";
  const unreadable = "listen: is no address with one port by number, or a range of them.";
  const ofRange = [9007, 9008, 9009].map((port) => ({
    origin: "line 2, listen 127.0.0.1:9007-9009",
    row: { id: `desk-${port}`, listen: `127.0.0.1:${port}`, transport: "amps", target: "amps-1" },
  }));
  expect(nginxSource(conf, null)).toMatchObject({
    ok: true,
    value: {
      additions: { routes: [...ofRange, { row: { listen: "127.0.0.1:11000" } }] },
      notUnderstood: [
        { where: "line 3", what: tooMany },
        { where: "line 4", what: unreadable },
        { where: "line 5", what: tooMany },
        { where: "line 6", what: unreadable },
        { where: "line 6", what: "listen: Shunt listens on TCP only." },
      ],
    },
  });
});
