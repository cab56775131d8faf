/** A made-up sandbox of two instances. */
import type { SandboxAction, SandboxInstance, SandboxStatus } from "../../app/contract/sandbox.ts";

export const stoppedSandbox: SandboxStatus = { running: false, instances: [] };

function instance(name: string, to: string, n: number): SandboxInstance {
  return {
    name,
    state: "running",
    delayMs: 0,
    ports: { amps: 19007 + n * 10, websocket: 19008 + n * 10, admin: 18085 + n, replication: 20004 + n },
    clients: 3 - n,
    messagesIn: 120_418 - n * 20_000,
    messagesOut: 961_220 - n * 110_000,
    links: [{ to, configured: "sync", type: "sync", connected: true, secondsBehind: 0 }],
  };
}

export const runningSandbox: SandboxStatus = {
  running: true,
  instances: [instance("amps-a", "amps-b", 0), instance("amps-b", "amps-a", 1)],
};

export function actOnFakeSandbox(status: SandboxStatus, name: string, action: SandboxAction): SandboxStatus {
  const instances = status.instances.map((row): SandboxInstance => {
    if (row.name !== name) return row;
    switch (action.do) {
      case "stop":
        return {
          ...row,
          state: "stopped",
          clients: 0,
          links: row.links.map((link) => ({ ...link, connected: false })),
        };
      case "start":
        return {
          ...row,
          state: "running",
          links: row.links.map((link) => ({ ...link, type: link.configured, connected: true })),
        };
      case "slow":
        return { ...row, delayMs: action.delayMs };
      case "downgrade":
      case "upgrade": {
        const type = action.do === "downgrade" ? "async" : "sync";
        return { ...row, links: row.links.map((link) => (link.to === action.to ? { ...link, type } : link)) };
      }
    }
  });
  return { ...status, instances };
}
