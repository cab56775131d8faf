import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { Button } from "../design/Button.tsx";
import { formatBytes } from "../design/format.ts";

/** What the engine reads at most (`app/import/import-source.ts`), with room for a JSON document. */
const longestBytes = 20_000_000;

interface FileButtonProps {
  readonly label?: string;
  readonly accept?: readonly string[];
  readonly onFile: (name: string, text: string) => void;
}

/** Lets the operator choose a file and hands its text on; one that is absurdly large is not read, and that is said. */
export function FileButton({ label = "Choose a file…", accept, onFile }: FileButtonProps) {
  const [refused, setRefused] = useState<File | null>(null);
  const read = async (files: FileList | null): Promise<void> => {
    const file = files?.[0];
    if (!file) return;
    const tooLong = file.size > longestBytes;
    setRefused(tooLong ? file : null);
    if (!tooLong) onFile(file.name, await file.text());
  };
  return (
    <>
      <FileTrigger {...(accept && { acceptedFileTypes: accept })} onSelect={(files) => void read(files)}>
        <Button>{label}</Button>
      </FileTrigger>
      {refused && (
        <p className="field-error" role="alert">
          {refused.name} has {formatBytes(refused.size)} and was not read: choose one of{" "}
          {formatBytes(longestBytes)} at most.
        </p>
      )}
    </>
  );
}
