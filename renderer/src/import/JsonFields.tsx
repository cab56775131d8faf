import { Segments, TextField } from "../design/Field.tsx";
import { plural } from "../design/format.ts";
import { ProblemList, SheetNotices } from "../edit/SheetNotices.tsx";
import { FileButton } from "./FileButton.tsx";
import type { JsonImport } from "./use-json-import.ts";

/** The text of a configuration, and what becomes of the present one. */
export function JsonFields(props: JsonImport) {
  const { text, setText, way, setWay, canMerge, unreadable, problems, changes, conflict, failure } = props;
  return (
    <>
      <SheetNotices conflict={conflict} failure={failure} ofRow={[]} elsewhere={[]} />
      <div className="import-file">
        <FileButton accept={["application/json", ".json"]} onFile={(_name, content) => setText(content)} />
        {canMerge && (
          <Segments
            label="What happens to the present configuration"
            value={way}
            onChange={setWay}
            options={[
              { id: "merge", label: "Add to what is there" },
              { id: "replace", label: "Replace everything" },
            ]}
          />
        )}
      </div>
      <TextField
        name="json"
        label="Configuration, version 1"
        mono
        lines={18}
        placeholder={'{ "version": 1, "tunnels": [], "backends": [ … ], "pools": [], "routes": [ … ] }'}
        value={text}
        onChange={setText}
        error={unreadable}
      />
      {problems.length > 0 && (
        <div className="notice" data-tone="bad" role="alert">
          {plural(problems.length, "problem")}:
          <ProblemList problems={problems} />
        </div>
      )}
      <ChangeList changes={changes} />
    </>
  );
}

const shownAtMost = 200;
const signs = { added: "+", changed: "~", removed: "−" } as const;

/** Each row that the import would add, change or remove. */
function ChangeList({ changes }: { readonly changes: JsonImport["changes"] }) {
  if (changes.length === 0) return null;
  const left = changes.length - shownAtMost;
  return (
    <section className="import-changes" aria-label="What would change">
      <h3>What would change</h3>
      <ul>
        {changes.slice(0, shownAtMost).map(({ kind, noun, id }) => (
          <li key={`${noun} ${id}`} data-change={kind}>
            <span aria-hidden>{signs[kind]}</span> {noun} <strong>{id}</strong>{" "}
            <span className="soft">{kind}</span>
          </li>
        ))}
      </ul>
      {left > 0 && <p className="soft">and {left} more</p>}
    </section>
  );
}
