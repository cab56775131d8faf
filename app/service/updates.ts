/** The commands about new versions of Shunt. */
import type { CommandHandlers, Reply } from "../contract/commands.ts";
import type { UpdateStatus } from "../contract/update.ts";
import { accept, refuse } from "../failures.ts";
import type { Updates } from "../update/updates.ts";

/** An updater on a desktop, which can show where a package is. */
export interface UpdateDesk {
  readonly updates: Updates;
  /** False where the file is gone. */
  readonly reveal: (path: string) => boolean;
}

type UpdateCommand = Extract<keyof CommandHandlers, `update.${string}`>;

export function updateHandlers(desk: UpdateDesk | undefined): Pick<CommandHandlers, UpdateCommand> {
  /** The status after a step, or what the step was refused with. */
  const step = async (take: (desk: UpdateDesk) => Promise<Reply<null>>): Promise<Reply<UpdateStatus>> => {
    if (!desk)
      return refuse("NOT_POSSIBLE_HERE", "This Shunt asks for no updates.", {
        advice: "Get new versions the way this one was installed.",
      });
    const taken = await take(desk);
    return taken.ok ? accept(desk.updates.status()) : taken;
  };
  const done = accept(null);
  return {
    "update.status": async () => accept(desk?.updates.status() ?? null),
    "update.check": () => step(({ updates }) => updates.check().then(() => done)),
    "update.download": () =>
      step(async ({ updates }) =>
        (await updates.download()) ? done : refuse("NOT_FOUND", "No newer version was found yet."),
      ),
    "update.stop": () => step(({ updates }) => updates.stop().then(() => done)),
    "update.daily": ({ on }) =>
      step(async ({ updates }) => {
        updates.setDaily(on);
        return done;
      }),
    "update.reveal": () =>
      step(async ({ updates, reveal }) => {
        const { stage } = updates.status();
        return stage.is === "saved" && reveal(stage.path)
          ? done
          : refuse("NOT_FOUND", "The package is not, or no longer, in its folder.");
      }),
  };
}
