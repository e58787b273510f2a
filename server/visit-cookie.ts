// The visit that GET /p/{token} opens: a cookie with a secret of its own, or, where cookies are off, a handle.
// The token itself leaves the address bar at once.
import { toBase64url } from '../core/bytes.ts'
import { hashText } from '../core/hash.ts'
import { formatTime } from '../core/time.ts'
import { createToken } from './link.ts'
import type { Service } from './service.ts'
import type { Session } from './store.ts'

const COOKIE = 'sayso_visit'
const SESSION_MINUTES = 30
const HANDLE_MINUTES = 10
const HANDLE_BYTES = 16
const SWEEP_MS = 60_000

/** A visit as found: whether the cookie came, or the handle that has to be carried on. */
export interface FoundSession {
  session: Session
  /** null where the cookie came. */
  handle: string | null
}

/** Opens and finds visits. */
export interface Sessions {
  open(tokenHash: string): Promise<{ handle: string; setCookie: string }>
  find(request: Request, handle: string | null): Promise<FoundSession | undefined>
}

function readCookie(request: Request): string | undefined {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=')
    if (name === COOKIE) return value
  }
  return undefined
}

/** Sessions over the store. */
export function createSessions({ store, now, random, baseUrl }: Pick<Service, 'store' | 'now' | 'random' | 'baseUrl'>): Sessions {
  let sweptMs = 0

  async function sweep(): Promise<void> {
    if (now() - sweptMs < SWEEP_MS) return
    sweptMs = now()
    await store.deleteSessions(formatTime(now()))
  }

  async function findValid(secret: string | null | undefined, field: 'cookieHash' | 'handleHash', lifeMinutes: number): Promise<Session | undefined> {
    if (!secret) return undefined
    const hash = hashText(secret)
    const session = await store.findSession(hash)
    // A handle in the cookie's place, or the other way round, opens nothing.
    return session?.[field] === hash && Date.parse(session.createdAt) + lifeMinutes * 60_000 > now() ? session : undefined
  }

  return {
    async open(tokenHash) {
      await sweep()
      const [cookie, handle] = [createToken(random), toBase64url(random(HANDLE_BYTES))]
      await store.addSession({
        cookieHash: hashText(cookie), handleHash: hashText(handle), tokenHash, csrf: createToken(random),
        createdAt: formatTime(now()), expiresAt: formatTime(now() + SESSION_MINUTES * 60_000),
      })
      const secure = baseUrl.startsWith('https:') ? '; Secure' : ''
      return { handle, setCookie: `${COOKIE}=${cookie}; Path=/p; Max-Age=${SESSION_MINUTES * 60}; HttpOnly; SameSite=Lax${secure}` }
    },

    async find(request, handle) {
      const byCookie = await findValid(readCookie(request), 'cookieHash', SESSION_MINUTES)
      if (byCookie) return { session: byCookie, handle: null }
      const byHandle = await findValid(handle, 'handleHash', HANDLE_MINUTES)
      return byHandle && { session: byHandle, handle }
    },
  }
}
