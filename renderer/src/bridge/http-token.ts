const storageKey = "shunt-token";

/**
 * The token of the local API: from the address's `#token=…`, which is then removed from the address bar, or, after
 * a reload, from this tab's session storage. Null when the page was opened without one.
 */
export function takeToken(page: Pick<Window, "location" | "history" | "sessionStorage">): string | null {
  const given = new URLSearchParams(page.location.hash.slice(1)).get("token");
  if (given) {
    page.history.replaceState(null, "", page.location.pathname + page.location.search);
    page.sessionStorage.setItem(storageKey, given);
    return given;
  }
  return page.sessionStorage.getItem(storageKey);
}

/** Forgets a token that was refused. */
export function dropToken(page: Pick<Window, "sessionStorage">): void {
  page.sessionStorage.removeItem(storageKey);
}
