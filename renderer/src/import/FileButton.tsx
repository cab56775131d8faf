import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { Button } from "../design/Button.tsx";
import { formatBytes } from "../design/format.ts";
import { fileText } from "./file-text.ts";

/** What the engine reads at most (`app/import/import-source.ts`), with room for a JSON document. */
const longestBytes = 20_000_000;

interface FileButtonProps {
  readonly label?: string;
  readonly accept?: readonly string[];
  readonly onFile: (name: string, text: string) => void;
}

/** Lets the operator choose a file and hands its text on; one that is absurdly large, or gone, is not read, and that is said. */
export function FileButton({ label = "Choose a file…", accept, onFile }: FileButtonProps) {
  const [refused, setRefused] = useState<string | null>(null);
  const read = async (files: FileList | null): Promise<void> => {
    const file = files?.[0];
    if (!file) return;
    if (file.size > longestBytes)
      return setRefused(
        `${file.name} has ${formatBytes(file.size)} and was not read: choose one of ${formatBytes(longestBytes)} at most.`,
      );
    const text = await fileText(file).catch(() => null);
    setRefused(text === null ? `${file.name} cannot be read: is it there, and may you read it?` : null);
    if (text !== null) onFile(file.name, text);
  };
  return (
    <>
      <FileTrigger {...(accept && { acceptedFileTypes: accept })} onSelect={(files) => void read(files)}>
        <Button>{label}</Button>
      </FileTrigger>
      {refused && (
        <p className="field-error" role="alert">
          {refused}
        </p>
      )}
    </>
  );
}
