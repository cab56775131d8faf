/** The port of a listen address: 9007 of `127.0.0.1:9007`, `[::1]:9007` or `9007`. */
export function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(":") + 1));
}
