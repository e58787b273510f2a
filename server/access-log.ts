// One line for a request: method, path, status, time. No address of a caller, no query, and of links only their
// kind, because whoever reads the log must not be able to open them.

/** `GET /p/{token} 303 4 ms` */
export function formatAccess(method: string, url: string, status: number, tookMs: number): string {
  return `${method} ${maskPath(new URL(url).pathname)} ${status} ${Math.round(tookMs)} ms`
}

/** The path with the secret parts replaced by their names. */
export function maskPath(path: string): string {
  return path
    .replace(/^\/(p|u)\/(?!(?:open|new-link|code|restore|erased|key-bindings)$).*$/, '/$1/{token}')
    .replace(/^\/v1\/events\/[^/]*/, '/v1/events/{id}')
    .replace(/^\/evidence\/[^/]*/, '/evidence/{id}')
    .replace(/^\/v1\/records\/[^/]*/, '/v1/records/{id}')
    .replace(/^(\/v1\/sites\/[^/]*\/contacts)\/[^/]*/, '$1/{id}')
}
