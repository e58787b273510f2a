// What needs more than a link (S): a code to the address on file opens downloading, erasing and changing the address, in
// this visit and for ten minutes. Whoever was forwarded a link gets no further than having a code sent to its owner.
import { formatTime } from '../../core/time.ts'
import { renderStepPage } from '../../preference-center/render.ts'
import type { StepPage } from '../../preference-center/model.ts'
import { CODE_LIFE_MS, hashCode, readCode } from '../code.ts'
import { maskEmail, readEmail } from '../email-address.ts'
import { eraseContact } from '../erase-contact.ts'
import { streamRecord } from '../export-record.ts'
import { foldEmail } from '../fold-email.ts'
import { createMail } from '../mail-order.ts'
import { createOpenVisits, type OpenVisit } from '../open-visit.ts'
import { answerPage, frameFor, seeOther } from '../pages.ts'
import { stepAddress } from '../preference-page.ts'
import type { Preferences } from '../preference.ts'
import { isSameSecret } from '../secret.ts'
import type { Routes, Service } from '../service.ts'
import type { CodeAction } from '../store-contacts.ts'
import { answerUnknownLink } from './new-link.ts'

type Action = StepPage['action']
type Shown = Pick<StepPage, 'step'> & Partial<Pick<StepPage, 'email' | 'error' | 'earlierEmail' | 'typedEmail'>>

const isAction = (text: string | null | undefined): text is Action => text === 'export' || text === 'address' || text === 'erase'

/** Adds the routes. */
export function addStepRoutes(app: Routes, service: Service, preferences: Preferences): void {
  const { store, limiter, outbox, now } = service
  const visits = createOpenVisits(service, preferences)
  const restoring = createOpenVisits(service, preferences, 'restore')

  function show(request: Request, { found, visit }: OpenVisit, action: Action, { step, email, error = null, earlierEmail = null, typedEmail = null }: Shown): Response {
    const frame = frameFor(request, {
      site: visit.site, siteName: visit.site.name, preferred: visit.contact.language, switchTo: (language) => stepAddress(action, language, found.handle),
    })
    const back = `/p/open?${new URLSearchParams({ lang: frame.language, ...(found.handle === null ? {} : { h: found.handle }) })}`
    const status = error === null ? 200 : error.key === 'code_limit' ? 429 : error.key === 'form_expired' ? 403 : 422
    return answerPage(renderStepPage({
      ...frame, csrf: found.session.csrf, handle: found.handle, formAction: stepAddress(action, frame.language, null), action, step,
      email: email ?? maskEmail(visit.contact.email), earlierEmail, error, typedEmail, backHref: back,
    }), status)
  }

  /** Where a visit stands with an action, from the codes it has. */
  async function findStep({ found }: OpenVisit, action: Action): Promise<Shown> {
    const { cookieHash } = found.session
    if (action === 'address') {
      const fresh = await findLive(cookieHash, 'new_address')
      if (fresh?.passedAt === null) return { step: 'enter_new', email: maskEmail(fresh.newEmail!) }
      if (fresh) return { step: 'done', email: maskEmail(fresh.newEmail!) }
    }
    const code = await findLive(cookieHash, action)
    if (!code) return { step: 'send' }
    return { step: code.passedAt === null ? 'enter' : 'act' }
  }

  async function findLive(sessionHash: string, action: CodeAction) {
    const code = await store.findCode(sessionHash, action)
    return code && code.expiresAt > formatTime(now()) ? code : undefined
  }

  /** Queues a code; false where this address got as many as it may. */
  async function sendCode({ found, visit: { contact, site } }: OpenVisit, action: CodeAction, newEmail: string | null, language: string): Promise<boolean> {
    if (!limiter.takeAddress(site.site, newEmail ?? contact.email)) return false
    const sessionHash = found.session.cookieHash
    await store.deleteCodes(formatTime(now()))
    await store.putCode({ sessionHash, action, contactId: contact.id, codeHash: null, newEmail, tries: 0, expiresAt: formatTime(now() + CODE_LIFE_MS), passedAt: null })
    await store.queueMail(createMail(service, {
      site: site.site, kind: action === 'new_address' ? 'new_address' : 'code', language, details: { code: { sessionHash, action } },
      recipient: { contactId: contact.id, ...(newEmail === null ? {} : { email: newEmail }) },
    }))
    outbox.wake()
    return true
  }

  /** Tries a code; what is wrong with it, null where it is right. */
  async function tryCode({ found }: OpenVisit, action: CodeAction, typed: string): Promise<'code_format' | 'code_wrong' | 'code_used_up' | null> {
    const digits = readCode(typed)
    if (digits === undefined) return 'code_format'
    const { cookieHash } = found.session
    const code = await store.takeCodeTry(cookieHash, action, formatTime(now()))
    if (!code) return 'code_used_up'
    return isSameSecret(hashCode(cookieHash, digits), code.codeHash!) ? null : 'code_wrong'
  }

  async function changeAddress(opened: OpenVisit): Promise<Shown> {
    const { contact, site } = opened.visit
    const { newEmail } = (await store.findCode(opened.found.session.cookieHash, 'new_address'))!
    const isChanged = await store.updateContact(contact.id, { email: newEmail!, mailBlock: null })
    if (!isChanged) return { step: 'act', error: { key: 'address_taken', field: 'email' } }
    await store.queueMail(createMail(service, { site: site.site, kind: 'address', recipient: { contactId: contact.id, email: contact.email }, language: contact.language }))
    outbox.wake()
    return { step: 'done', email: maskEmail(newEmail!) }
  }

  /** What the passed code opens. */
  async function act(request: Request, opened: OpenVisit, action: Action, form: URLSearchParams, language: string): Promise<Response> {
    const { contact, site } = opened.visit
    const fail = (key: NonNullable<StepPage['error']>['key'], field: NonNullable<StepPage['error']>['field']) => show(request, opened, action, { step: 'act', error: { key, field }, typedEmail: form.get('email') })
    if (action === 'export') return streamRecord(service, site.site, contact.recordId)
    if (action === 'erase') {
      if (form.get('confirm') !== 'yes') return fail('erase_confirm', 'confirm')
      await eraseContact(service, contact, { isToldOwner: true })
      return seeOther('/p/erased', { site: site.site, lang: language })
    }
    const email = readEmail(form.get('email') ?? '')
    if (email === undefined) return fail('email', 'email')
    if (foldEmail(email) === foldEmail(contact.email)) return fail('address_same', 'email')
    return (await sendCode(opened, 'new_address', email, language)) ? seeOther(stepAddress(action, language, opened.found.handle)) : fail('code_limit', 'email')
  }

  async function take(request: Request, opened: OpenVisit, action: Action, form: URLSearchParams): Promise<Response> {
    const language = frameFor(request, { site: opened.visit.site, siteName: '', preferred: form.get('lang') ?? opened.visit.contact.language, switchTo: () => '' }).language
    const again = () => seeOther(stepAddress(action, language, opened.found.handle))
    const what = form.get('do')
    const { cookieHash } = opened.found.session
    if (what === 'send') {
      return (await sendCode(opened, action, null, language)) ? again() : show(request, opened, action, { step: 'send', error: { key: 'code_limit', field: 'main' } })
    }
    if (what === 'enter' || what === 'enter_new') {
      const tried = what === 'enter' ? action : 'new_address'
      if (what === 'enter_new' && (await findStep(opened, action)).step !== 'enter_new') return again()
      const error = await tryCode(opened, tried, form.get('code') ?? '')
      if (error !== null) {
        const email = what === 'enter_new' ? (await store.findCode(cookieHash, 'new_address'))?.newEmail : undefined
        return show(request, opened, action, { step: what, ...(email ? { email: maskEmail(email) } : {}), error: { key: error, field: 'code' } })
      }
      if (what === 'enter_new') {
        const shown = await changeAddress(opened)
        if (shown.error) return show(request, opened, action, shown)
      }
      await store.passCode(cookieHash, tried, formatTime(now()), formatTime(now() + CODE_LIFE_MS))
      return again()
    }
    const code = await findLive(cookieHash, action)
    return what === 'act' && code && code.passedAt !== null ? act(request, opened, action, form, language) : again()
  }

  app.get('/p/code', async (c) => {
    const opened = await visits.find(c.req.raw, c.req.query('h') ?? null)
    const action = c.req.query('for')
    if (!opened || !isAction(action)) return answerUnknownLink(service, c.req.raw)
    return show(c.req.raw, opened, action, await findStep(opened, action))
  })

  app.post('/p/code', async (c) => {
    const { form, opened } = await visits.readForm(c.req.raw)
    const action = c.req.query('for')
    if (!opened || !isAction(action)) return answerUnknownLink(service, c.req.raw)
    if (!opened.isFresh) return show(c.req.raw, opened, action, { ...(await findStep(opened, action)), error: { key: 'form_expired', field: 'main' } })
    return take(c.req.raw, opened, action, form)
  })

  app.get('/p/restore', async (c) => {
    const opened = await restoring.find(c.req.raw, c.req.query('h') ?? null)
    if (!opened) return answerUnknownLink(service, c.req.raw)
    const earlier = opened.visit.link.restoreEmail!
    const isBack = foldEmail(earlier) === foldEmail(opened.visit.contact.email)
    return showRestore(c.req.raw, opened, isBack ? { step: 'done' } : { step: 'restore', earlierEmail: maskEmail(earlier) })
  })

  app.post('/p/restore', async (c) => {
    const { form, opened } = await restoring.readForm(c.req.raw)
    if (!opened) return answerUnknownLink(service, c.req.raw)
    const earlier = opened.visit.link.restoreEmail!
    const shown: Shown = { step: 'restore', earlierEmail: maskEmail(earlier) }
    if (!opened.isFresh) return showRestore(c.req.raw, opened, { ...shown, error: { key: 'form_expired', field: 'main' } })
    if (!(await store.updateContact(opened.visit.contact.id, { email: earlier }))) return showRestore(c.req.raw, opened, { ...shown, error: { key: 'address_taken', field: 'main' } })
    return seeOther('/p/restore', { lang: form.get('lang'), h: opened.found.handle })
  })

  function showRestore(request: Request, { found, visit }: OpenVisit, shown: Shown): Response {
    const address = (language: string) => `/p/restore?${new URLSearchParams({ lang: language, ...(found.handle === null ? {} : { h: found.handle }) })}`
    const frame = frameFor(request, { site: visit.site, siteName: visit.site.name, preferred: visit.contact.language, switchTo: address })
    return answerPage(renderStepPage({
      ...frame, csrf: found.session.csrf, handle: found.handle, formAction: address(frame.language), action: 'address',
      email: maskEmail(visit.contact.email), earlierEmail: null, error: null, typedEmail: null, ...shown, backHref: null,
    }), shown.error ? 422 : 200)
  }

  // Says nothing about anybody: whoever was erased is not known here any more.
  app.get('/p/erased', async (c) => {
    const site = await store.findSite(c.req.query('site') ?? '')
    if (!site) return answerUnknownLink(service, c.req.raw)
    const frame = frameFor(c.req.raw, { site, siteName: site.name, switchTo: (language) => `/p/erased?site=${site.site}&lang=${language}` })
    return answerPage(renderStepPage({ ...frame, csrf: '', handle: null, formAction: '', action: 'erase', step: 'done', email: '', earlierEmail: null, error: null, typedEmail: null, backHref: null }))
  })
}
