/** The ports of one instance, in the places that operators know from AMPS's examples, 100 apart. */
export interface InstancePorts {
  readonly amps: number;
  readonly websocket: number;
  readonly admin: number;
  readonly replication: number;
}

const offsets: InstancePorts = { amps: 7, websocket: 8, admin: 85, replication: 4 };
const instanceStep = 100;
const highestPort = 65_535;
const neighboursTried = 20;

/** The ports that instance number `at` asks for; a base of 0 leaves every port to the system. */
export function plannedPorts(basePort: number, at: number): InstancePorts {
  const port = (offset: number) => (basePort === 0 ? 0 : basePort + at * instanceStep + offset);
  return {
    amps: port(offsets.amps),
    websocket: port(offsets.websocket),
    admin: port(offsets.admin),
    replication: port(offsets.replication),
  };
}

/** Where to go when a planned port is taken: the next ones that no instance has planned, at last any. */
export function nextPorts(port: number): number[] {
  if (port === 0) return [];
  const planned = new Set(Object.values(offsets).map((offset) => offset % instanceStep));
  const base = port - (port % instanceStep);
  const next = Array.from({ length: neighboursTried }, (_, at) => port + 1 + at);
  return [
    ...next.filter((candidate) => candidate <= highestPort && !planned.has((candidate - base) % 100)),
    0,
  ];
}

/** Whether `count` instances from `basePort` on fit below the highest port. */
export function portsFit(basePort: number, count: number): boolean {
  if (basePort === 0) return true;
  return (
    basePort > 0 && Object.values(plannedPorts(basePort, count - 1)).every((port) => port <= highestPort)
  );
}
