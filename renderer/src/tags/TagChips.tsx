/** Tags as they are read, in a row's second line. */
export function TagChips({ tags }: { readonly tags: readonly string[] }) {
  return tags.map((tag) => (
    <span key={tag} className="tag-chip">
      {tag}
    </span>
  ));
}
