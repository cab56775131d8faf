/** Watches what a client does, for as long as the question is open. */
import type { Sight } from "../forward/move-streams.ts";
import { isStricter, roleOfCommand, roleOfDelivery, type SeenRole } from "./client-role.ts";

/** A client that has sent so many commands, or received so many messages, is taken for what it has shown. */
const mostCommands = 64;
const mostDeliveries = 256;

export interface RoleWatch {
  /** The header of a command. */
  command(header: string): Sight;
  /** The header of what the server sent. */
  delivery(header: string): Sight;
  /** What has been seen so far leads to. */
  readonly sight: Sight;
  /** The client's commands can no longer be read: who might do anything is no plain subscriber. */
  lost(): Sight;
}

interface RoleWatchOptions {
  /** What does more than to subscribe is refused, however late it comes. */
  readonly enforce: boolean;
  /** Called when a stricter role shows than before. */
  readonly onRole: (role: SeenRole) => void;
  /** Called when a client is refused because it can no longer be read. */
  readonly onLost: () => void;
}

export function watchRole({ enforce, onRole, onLost }: RoleWatchOptions): RoleWatch {
  let seen: SeenRole | null = null;
  let commands = 0;
  let deliveries = 0;
  const learn = (role: SeenRole | null): void => {
    if (role === null || !isStricter(role, seen)) return;
    seen = role;
    onRole(role);
  };
  const sight = (): Sight => {
    if (enforce) return seen === null || seen === "subscribers" ? true : "refuse";
    const isSettled = seen === "publishers" || commands >= mostCommands || deliveries >= mostDeliveries;
    return !isSettled;
  };
  return {
    command(header) {
      commands++;
      learn(roleOfCommand(header));
      return sight();
    },
    delivery(header) {
      deliveries++;
      learn(roleOfDelivery(header));
      return deliveries < mostDeliveries ? sight() : false;
    },
    get sight() {
      return sight();
    },
    lost() {
      if (!enforce) return false;
      onLost();
      return "refuse";
    },
  };
}
