/** What an entry of the activity, or a connection, is about. */
export type SubjectKind = "route" | "pool" | "backend" | "tunnel";

export interface Subject {
  readonly kind: SubjectKind;
  readonly id: string;
}
