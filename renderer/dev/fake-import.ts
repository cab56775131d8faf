/** What an import would find, made up. */
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { ImportPreview, ImportRequest } from "../../app/contract/import.ts";

export function fakeImport(request: ImportRequest, config: ShuntConfig): ImportPreview {
  switch (request.source) {
    case "ssh-config":
      return withoutNews(sshPreview, config);
    case "nginx":
    case "haproxy":
      return proxyPreview;
    default:
      return ampsPreview(request);
  }
}

/** What is configured by now is known. */
function withoutNews({ items, notUnderstood }: ImportPreview, config: ShuntConfig): ImportPreview {
  const ids = [...config.tunnels, ...config.backends, ...config.routes].map(({ id }) => id);
  return {
    items: items.map((item) => (ids.includes(item.row.id) ? { ...item, status: "known" } : item)),
    notUnderstood,
  };
}

const forwards = "Host edge, LocalForward 9107 amps-edge:9007 and more";

const sshPreview: ImportPreview = {
  items: [
    {
      kind: "tunnel",
      key: "tunnel edge",
      row: { id: "edge", type: "ssh", address: "edge" },
      ...{ origin: forwards, status: "new", suggested: true, note: null, needs: [] },
    },
    {
      kind: "tunnel",
      key: "tunnel corp",
      row: { id: "corp", type: "ssh", address: "gate.example.com" },
      ...{ origin: "Host gate.example.com", status: "known", suggested: true, note: null, needs: [] },
    },
    {
      kind: "backend",
      key: "backend amps-edge",
      row: { id: "amps-edge", label: "amps-edge", via: "edge", amps: "tcp://amps-edge:9007" },
      ...{ origin: forwards, status: "new", suggested: true, note: null, needs: ["tunnel edge"] },
    },
    {
      kind: "route",
      key: "route amps-edge-amps",
      row: { id: "amps-edge-amps", listen: "127.0.0.1:9107", transport: "amps", target: "amps-edge" },
      origin: "Host edge, LocalForward 9107 amps-edge:9007",
      status: "new",
      suggested: true,
      note: "Taken for a client port by its number: correct it where it is another.",
      needs: ["backend amps-edge"],
    },
  ],
  notUnderstood: [
    { where: "Host edge", what: "RemoteForward 9000 localhost:9000: Shunt forwards from this machine only." },
    {
      where: "Host edge",
      what: "LocalForward 9207 /run/amps.sock is about a Unix socket, which Shunt does not forward.",
    },
  ],
};

const proxyPreview: ImportPreview = {
  items: [
    {
      kind: "backend",
      key: "backend amps-7",
      row: { id: "amps-7", label: "amps-7", amps: "tcp://amps-7:9007" },
      ...{ origin: "line 12, listen 127.0.0.1:9507", status: "new", suggested: true, note: null, needs: [] },
    },
    {
      kind: "route",
      key: "route amps-7",
      row: { id: "amps-7", listen: "127.0.0.1:9507", transport: "amps", target: "amps-7" },
      origin: "line 12, listen 127.0.0.1:9507",
      status: "new",
      suggested: true,
      note: "Taken for a client port: correct it where it is another.",
      needs: ["backend amps-7"],
    },
  ],
  notUnderstood: [{ where: "line 17", what: "proxy_pass: leads where a variable says." }],
};

function ampsPreview(
  request: Extract<ImportRequest, { readonly source: "amps-config" | "amps-instance" }>,
): ImportPreview {
  const host = request.source === "amps-config" ? request.host : "amps-prod-3";
  if (host === null)
    return {
      items: [],
      notUnderstood: [
        {
          where: "Transport any-tcp",
          what: "It listens on every address of its host: say which host the file came from.",
        },
      ],
    };
  return {
    items: [
      {
        kind: "backend",
        key: "backend prod-3",
        row: {
          id: "prod-3",
          amps: `tcp://${host}:9007`,
          admin: `http://${host}:8085`,
          instanceName: "PROD-3",
        },
        ...{ origin: "Transport any-tcp, Admin", status: "new", suggested: true, note: null, needs: [] },
      },
      {
        kind: "backend",
        key: "backend prod-1",
        row: { id: "prod-1", replication: "tcp://amps-prod-1:10004" },
        ...{ origin: "Destination prod-1", status: "known", suggested: true, note: null, needs: [] },
      },
      {
        kind: "route",
        key: "route prod-3",
        row: { id: "prod-3", listen: "127.0.0.1:8080", path: "/prod-3", target: "prod-3" },
        ...{ origin: "Admin", status: "new", suggested: true, note: null, needs: ["backend prod-3"] },
      },
      {
        kind: "route",
        key: "route prod-3-replication",
        row: {
          id: "prod-3-replication",
          listen: "127.0.0.1:10014",
          transport: "replication",
          target: "prod-3",
        },
        origin: "Transport repl-in",
        status: "new",
        suggested: false,
        note: "127.0.0.1:10004 is taken, so it listens on 127.0.0.1:10014.",
        needs: ["backend prod-3"],
      },
    ],
    notUnderstood: [
      { where: "Transport unix", what: "It is a Unix socket, which can only be reached on its own host." },
    ],
  };
}
