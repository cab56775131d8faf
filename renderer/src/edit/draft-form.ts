/** What the fields of a form work on, and what each field of text takes of it. */
export interface DraftForm<Draft> {
  readonly draft: Draft;
  readonly set: <Name extends keyof Draft & string>(name: Name, value: Draft[Name]) => void;
  /** The problem of a field, where it is to be shown. */
  readonly errorOf: (name: string) => string | undefined;
}

/** The names under which a draft has text, or one of a few words. */
type TextName<Draft> = { [Name in keyof Draft]: Draft[Name] extends string ? Name : never }[keyof Draft];

/** The properties of the text or select field of that name; the options of a select are what the draft may hold. */
export function fieldOf<Draft, Name extends TextName<Draft> & string>(form: DraftForm<Draft>, name: Name) {
  return {
    name,
    value: form.draft[name] as string,
    onChange: (value: string) => form.set(name, value as Draft[Name]),
    error: form.errorOf(name),
  };
}
