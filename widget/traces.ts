// Removes what tags left behind: cookies in every place this page can write to, and storage keys.

/** A pattern of a notice's `tags` as a test of names: `*` stands for any characters. */
export function matchesTag(tag: string, name: string): boolean {
  const pattern = tag.split('*').map((part) => part.replace(/[^\w-]/g, '\\$&')).join('.*')
  return new RegExp(`^${pattern}$`).test(name)
}

/** Domains that a page on this host may set cookies for, the host-only one first, as `''`. */
export function listCookieDomains(hostname: string): string[] {
  const labels = hostname.split('.')
  return ['', ...labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'))]
}

/** Paths whose cookies a page at this path sees. */
export function listCookiePaths(pathname: string): string[] {
  const parts = pathname.split('/').slice(1)
  return ['/', ...parts.flatMap((part, i) => {
    const path = `/${parts.slice(0, i + 1).join('/')}`
    return part === '' ? [] : [path, `${path}/`]
  })]
}

function removeCookies(isMatch: (name: string) => boolean): void {
  const names = document.cookie.split('; ').map((pair) => pair.split('=')[0]!).filter(isMatch)
  for (const name of names) {
    for (const domain of listCookieDomains(location.hostname)) {
      for (const path of listCookiePaths(location.pathname)) {
        document.cookie = `${name}=;Max-Age=0;Path=${path}${domain && `;Domain=${domain}`}`
      }
    }
  }
}

/** Removes cookies and storage under these names. What the browser does not let the page see stays. */
export function removeTraces(tags: readonly string[]): void {
  const isMatch = (name: string) => name !== 'sayso' && tags.some((tag) => matchesTag(tag, name))
  try {
    removeCookies(isMatch)
    for (const storage of [localStorage, sessionStorage]) {
      for (const name of Object.keys(storage).filter(isMatch)) storage.removeItem(name)
    }
  } catch (error) {
    // A page without access to its storage has nothing there either; the decision is recorded all the same.
    console.warn('sayso: storage cannot be looked through.', error)
  }
}
