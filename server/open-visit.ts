// A visit that somebody opened through a personal link: whose it is, as far as the link still opens.
import { refuse } from '../core/refusal.ts'
import { readForm } from './body.ts'
import { checkLink } from './link.ts'
import { checkOwnOrigin } from './pages.ts'
import type { Preferences, Visit } from './preference.ts'
import { isSameSecret } from './secret.ts'
import type { Service } from './service.ts'
import { createSessions, type FoundSession } from './visit-cookie.ts'

/** A visit that is open. */
export interface OpenVisit {
  found: FoundSession
  visit: Visit
}

/** What a link opens: the preference centre with all that belongs to it, or only the way back to an earlier address. */
export type Opens = 'preferences' | 'restore'

/** What this link opens. */
export function opensWhat({ restoreEmail }: Visit['link']): Opens {
  return restoreEmail === null ? 'preferences' : 'restore'
}

/** A form that was posted, in which visit; `isFresh`: it carries the secret of that visit. */
export interface PostedForm {
  form: URLSearchParams
  opened: (OpenVisit & { isFresh: boolean }) | undefined
}

/** Finds open visits through links that open this; undefined where there is none. */
export interface OpenVisits {
  find(request: Request, handle: string | null): Promise<OpenVisit | undefined>
  /** Likewise, with the form of a request from our own page. Throws a Refusal for a foreign one. */
  readForm(request: Request): Promise<PostedForm>
}

/** Open visits of a service. */
export function createOpenVisits(service: Service, preferences: Preferences, opens: Opens = 'preferences'): OpenVisits {
  const { store, now, baseUrl, limiter } = service
  const sessions = createSessions(service)

  async function find(request: Request, handle: string | null): Promise<OpenVisit | undefined> {
    const found = await sessions.find(request, handle)
    const link = found && (await store.findLink(found.session.tokenHash))
    const visit = link && checkLink(link, 'P', now()) === 'valid' && opensWhat(link) === opens ? await preferences.findVisit(link) : undefined
    return found && visit && { found, visit }
  }

  return {
    find,
    async readForm(request) {
      checkOwnOrigin(request, baseUrl)
      const form = await readForm(request, limiter.bodyBytes)
      const opened = await find(request, form.get('h'))
      return { form, opened: opened && { ...opened, isFresh: isSameSecret(form.get('csrf') ?? '', opened.found.session.csrf) } }
    },
  }
}

/** Requires what `readForm` found to be a fresh form of an open visit. Throws a Refusal. */
export function requireFresh(opened: PostedForm['opened']): OpenVisit {
  if (!opened) return refuse('', 'not_found', 'No link is open here.')
  return opened.isFresh ? opened : refuse('', 'csrf', 'The form does not carry the secret of this page.')
}
