import { X } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import {
  Button,
  FieldError,
  Input,
  Label,
  Tag,
  TagGroup,
  TagList,
  Text,
  TextField as AriaTextField,
} from "react-aria-components";
import type { FieldProps } from "../design/Field.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { allTags, joinTags, readTags } from "./tags.ts";

interface TagsFieldProps extends FieldProps {
  readonly tags: readonly string[];
  readonly onChange: (tags: readonly string[]) => void;
}

/**
 * Tags as chips, and a field for more that proposes those in use. Enter, a comma or leaving the field takes what was
 * typed; Del on a chip, or Backspace in the empty field, takes one away.
 */
export function TagsField({ label, name, hint, error, tags, onChange }: TagsFieldProps) {
  const [text, setText] = useState("");
  const list = useId();
  const config = useMirror(({ saved }) => saved?.config);
  const proposed = config ? allTags(config).filter((tag) => !tags.includes(tag)) : [];
  const take = (typed: string): void => {
    setText("");
    if (typed.trim() !== "") onChange(joinTags(tags, readTags(typed)));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && text !== "") {
      // The form is not sent yet.
      event.preventDefault();
      take(text);
    } else if (event.key === "Backspace" && text === "" && tags.length > 0) onChange(tags.slice(0, -1));
  };
  return (
    <div className="tags-field">
      <AriaTextField
        className="field"
        value={text}
        onChange={(typed) => (/[,\s]$/.test(typed) ? take(typed) : setText(typed))}
        onBlur={() => take(text)}
        onKeyDown={onKeyDown}
        isInvalid={error !== undefined}
        validationBehavior="aria"
        spellCheck="false"
        autoComplete="off"
      >
        <Label className="field-label">{label}</Label>
        <Input className="input" data-field={name} list={list} placeholder="emea, critical" />
        <FieldError className="field-error">{error}</FieldError>
        {hint && !error && (
          <Text slot="description" className="field-hint">
            {hint}
          </Text>
        )}
      </AriaTextField>
      <datalist id={list}>
        {proposed.map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
      {tags.length > 0 && (
        <TagGroup
          aria-label={`Chosen ${label.toLowerCase()}`}
          onRemove={(keys) => onChange(tags.filter((tag) => !keys.has(tag)))}
        >
          <TagList className="tag-list" items={tags.map((id) => ({ id }))}>
            {({ id }) => (
              <Tag id={id} textValue={id} className="tag-chip tag-chip-edited">
                {id}
                <Button slot="remove" className="tag-remove" aria-label={`Remove ${id}`}>
                  <X aria-hidden />
                </Button>
              </Tag>
            )}
          </TagList>
        </TagGroup>
      )}
    </div>
  );
}
