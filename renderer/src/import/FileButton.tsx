import { FileTrigger } from "react-aria-components";
import { Button } from "../design/Button.tsx";

/** What the engine reads at most (`app/import/import-source.ts`), with room for a JSON document. */
const longestBytes = 20 * 1024 * 1024;

export interface FileButtonProps {
  readonly label?: string;
  readonly accept?: readonly string[];
  readonly onFile: (name: string, text: string) => void;
}

/** Lets the operator choose a file and hands its text on; one that is absurdly large is not read. */
export function FileButton({ label = "Choose a file…", accept, onFile }: FileButtonProps) {
  const read = async (files: FileList | null): Promise<void> => {
    const file = files?.[0];
    if (file && file.size <= longestBytes) onFile(file.name, await file.text());
  };
  return (
    <FileTrigger {...(accept && { acceptedFileTypes: accept })} onSelect={(files) => void read(files)}>
      <Button>{label}</Button>
    </FileTrigger>
  );
}
