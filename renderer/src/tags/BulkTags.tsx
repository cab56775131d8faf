import { Tags } from "lucide-react";
import { Dialog, DialogTrigger, Heading } from "react-aria-components";
import { Floating } from "../design/Floating.tsx";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { plural } from "../design/format.ts";
import { changeConfig } from "../edit/change-config.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure } from "../view/toasts.ts";
import { joinTags, withTags } from "./tags.ts";
import { TagsField } from "./TagsField.tsx";

/** Adds tags to several routes at once, or takes them away; each change is saved as it is made. */
export function BulkTags({ ids }: { readonly ids: readonly string[] }) {
  return (
    <DialogTrigger>
      <Button>
        <Tags aria-hidden />
        Tags…
      </Button>
      <Floating placement="bottom start">
        <Dialog className="bulk-tags">
          <Heading slot="title" level={3}>
            Tags of {plural(ids.length, "route")}
          </Heading>
          <SharedTags ids={ids} />
        </Dialog>
      </Floating>
    </DialogTrigger>
  );
}

function SharedTags({ ids }: { readonly ids: readonly string[] }) {
  const bridge = useBridge();
  const routes = useMirror(({ saved }) => saved?.config.routes ?? []);
  const chosen = new Set(ids);
  const tags = routes
    .filter(({ id }) => chosen.has(id))
    .reduce<readonly string[]>((found, route) => joinTags(found, route.tags ?? []), []);
  const change = async (next: readonly string[]): Promise<void> => {
    const add = next.filter((tag) => !tags.includes(tag));
    const remove = tags.filter((tag) => !next.includes(tag));
    const reply = await changeConfig(bridge, (config) => withTags(config, chosen, { add, remove }));
    if (!reply.ok) showFailure(reply.failure);
  };
  return (
    <TagsField
      name="tags"
      label="Tags"
      hint="What is added goes to all of them, what is removed goes from all of them."
      tags={tags}
      onChange={(next) => void change(next)}
    />
  );
}
