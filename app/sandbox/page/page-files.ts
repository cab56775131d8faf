export const pageFiles: ReadonlyMap<string, { readonly type: string; readonly body: string }> = new Map();
