/** One local address at run time (`localhost`: one of each family), and the routes behind it. */
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import type { Reply } from "../contract/commands.ts";
import type { Failure } from "../contract/failures.ts";
import { accept, errorText, failure, refuse } from "../failures.ts";
import { refuseClient, type Forwarding } from "../forward/forwarding.ts";
import type { NamedRoutes } from "../forward/name-switch.ts";
import type { Doors } from "../forward/native-door.ts";
import { resetSocket } from "../forward/reset.ts";
import { readTlsFile } from "../forward/tls-files.ts";
import type { TlsFiles } from "../http/http-edge.ts";
import type { ListenerNames } from "../http/origin-guard.ts";
import { nextTurn } from "../next-turn.ts";
import type { Admission } from "./admission.ts";
import { bindServers, type PortKnowledge } from "./bind.ts";
import type { ListenerKind, PlannedListener } from "./listener-plan.ts";
import { createHttpServing } from "./http-serving.ts";
import { createRawServer, type RawServerOptions, type Serving } from "./raw-server.ts";

/** As many as Node has the system keep (listen(2)), and one. */
const mostQueued = 512;

type ListenerState =
  | { readonly is: "starting" }
  | { readonly is: "listening" }
  | { readonly is: "failed"; readonly failure: Failure }
  | { readonly is: "closed" };

export interface Listener {
  readonly plan: PlannedListener;
  readonly state: ListenerState;
  /** Binds; resolves when it listens or has failed. A failed listener may be opened again. */
  open(): Promise<void>;
  /** Changes what happens to clients that come from now on; connections keep what they have. */
  update(plan: PlannedListener): void;
  /** How its clients are let in may be another now. */
  review(): void;
  /** Whoever was let in is in the book when this returns; until the next `update`, JavaScript lets in. */
  hold(): void;
  /** Accepts no more; connections live on. Safe to call twice. */
  close(): void;
  /** The same; clients that the system has connected and nobody has accepted yet are served first, and not reset. */
  closeServed(): Promise<void>;
}

interface ListenerOptions {
  readonly forwarding: Forwarding;
  readonly knowledge: PortKnowledge;
  readonly onChange: () => void;
  readonly admission: Admission;
  /** Null: Node accepts every client. */
  readonly doors: Doors | null;
}

export function createListener(first: PlannedListener, options: ListenerOptions): Listener {
  let plan = first;
  let state: ListenerState = { is: "starting" };
  let serving: readonly Serving[] = [];
  let accepted = 0;

  const change = (next: ListenerState): void => {
    state = next;
    options.onChange();
  };
  const close = (served: boolean): void => {
    if (isClosed()) return;
    for (const one of serving) one.close(served);
    change({ is: "closed" });
  };
  const isClosed = () => state.is === "closed";
  const refuseFull = (): void => {
    const [route] = plan.routes;
    const reason = `No more than ${options.admission.most} clients fit into the system's limit on open files.`;
    if (route) refuseClient(options.forwarding, route.id, failure("TOO_MANY_CONNECTIONS", reason));
  };
  const admits = (socket: Socket): boolean => {
    if (options.admission.admit(socket)) return true;
    refuseFull();
    resetSocket(socket);
    return false;
  };
  return {
    get plan() {
      return plan;
    },
    get state() {
      return state;
    },
    async open() {
      if (isClosed() || state.is === "listening") return;
      change({ is: "starting" });
      const tls = readCertificate(plan);
      if (!tls.ok) return change({ is: "failed", failure: tls.failure });
      const make = () => makeServing(plan.kind, tls.value, { ...options, admits, refuseFull });
      const bound = await bindServers(plan.address, make, options.knowledge);
      if (isClosed()) {
        if (bound.ok) for (const { server } of bound.value) server.close();
        return;
      }
      if (!bound.ok) return change({ is: "failed", failure: bound.failure });
      serving = bound.value;
      for (const one of serving) {
        one.begin();
        one.update(servedBy(plan));
        // After the listening event an error is one of accept (EMFILE and the like): the listener lives on.
        one.server.on("error", () => undefined);
        one.server.on("connection", () => (accepted += 1));
      }
      change({ is: "listening" });
    },
    update(next) {
      plan = next;
      for (const one of serving) one.update(servedBy(plan));
    },
    review() {
      for (const one of serving) one.review();
    },
    hold() {
      for (const one of serving) one.hold();
    },
    close: () => close(false),
    async closeServed() {
      // Node accepts one client in a turn of its event loop, the first of which may be over already.
      for (let turn = 0, idle = 0; turn < mostQueued && idle < 2; turn++) {
        const before = accepted;
        await nextTurn();
        idle = accepted === before ? idle + 1 : 0;
      }
      close(true);
    },
  };
}

function servedBy(plan: PlannedListener): NamedRoutes {
  return { routes: plan.routes, shut: plan.shut, names: namesOf(plan) };
}

/** The names under which HTTP clients may address the listener: what its routes add to its own. */
export function namesOf({ address, tls, routes }: PlannedListener): ListenerNames {
  return {
    address,
    secure: tls !== null,
    hosts: routes.flatMap((route) => [
      ...(route.hosts ?? []),
      ...(route.host === undefined ? [] : [`${route.host}:${address.port}`]),
    ]),
    origins: routes.flatMap((route) => route.origins ?? []),
  };
}

function readCertificate(plan: PlannedListener): Reply<TlsFiles | null> {
  if (!plan.tls) return accept(null);
  const unusable = (why: string): Reply<TlsFiles> =>
    refuse("LISTENER_TLS_FAILED", `The certificate of ${plan.key} cannot be used: ${why}`);
  const cert = readTlsFile(plan.tls.certFile);
  if (!cert.ok) return unusable(cert.failure.message);
  const key = readTlsFile(plan.tls.keyFile);
  if (!key.ok) return unusable(key.failure.message);
  const files = { cert: cert.value, key: key.value };
  try {
    createSecureContext(files);
    return accept(files);
  } catch (error) {
    return unusable(`${errorText(error)}.`);
  }
}

function makeServing(kind: ListenerKind, tls: TlsFiles | null, options: RawServerOptions): Serving {
  return kind === "raw"
    ? createRawServer(tls === null ? null : createSecureContext(tls), options)
    : createHttpServing(tls, options);
}
