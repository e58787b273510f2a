// The opt-in block, loaded where a form has a place for it. On the form's submit what is ticked becomes an event;
// the form itself goes its own way, whatever happens here.
import { type Signal, signal } from '@preact/signals'
import { render } from 'preact'
import type { Notice } from '../../core/notice.ts'
import { isOptional } from '../../core/asked.ts'
import type { Words } from '../../ui/words.ts'
import { fetchCheckedNotice } from '../checked-notice.ts'
import { type Context, formatNoticeUrl } from '../context.ts'
import { writeJournal } from '../journal.ts'
import { createWaiting } from '../outbox.ts'
import { flush, type SetFlag } from '../record.ts'
import type { OptInAct } from '../seal.ts'
import { loadWords } from '../words.ts'
import css from './opt-in.css?inline'
import { OptInBlock } from './OptInBlock.tsx'

/** A place in a form: the purposes that it has a box for, and which of these are ticked. */
interface Place {
  purposes: Notice['purposes']
  ticked: Signal<ReadonlySet<string>>
}

/** Fills every place in the document, those that come later too. */
export async function startOptIn(context: Context, setFlag: SetFlag): Promise<void> {
  const configured = await context.fetchConfig()
  if (configured.kind !== 'ok') return console.warn('sayso: the opt-in block cannot be shown.', configured)
  const hash = configured.value.contactNoticeHash
  if (!hash) return console.warn('sayso: the site has no notice about messages, so there is nothing to opt in to.')
  const outcome = await fetchCheckedNotice(context, hash)
  if (outcome.kind !== 'ok') return console.warn('sayso: the opt-in block cannot be shown.', outcome)
  const notice = outcome.value
  const words = await loadWords(notice.language)
  const places = new Map<HTMLElement, Place>()

  function fillPlaces(): void {
    for (const place of document.querySelectorAll<HTMLElement>('[data-sayso-opt-in]')) {
      if (!places.has(place)) places.set(place, fillPlace(place, notice, formatNoticeUrl(context, hash!), words))
    }
  }

  // In the capturing phase and on window: before the page's own listeners can end the event.
  addEventListener('submit', ({ target, submitter }) => {
    const act = describeSubmit(target as HTMLFormElement, submitter, { places, notice, noticeHash: hash })
    if (!act) return
    writeJournal(createWaiting(act))
    setFlag('-')
    void flush(context, setFlag)
  }, true)
  addEventListener('reset', ({ target }) => {
    for (const [place, { ticked }] of places) if ((target as Element).contains(place)) ticked.value = new Set()
  })

  new MutationObserver(fillPlaces).observe(document, { childList: true, subtree: true })
  fillPlaces()
}

function fillPlace(place: HTMLElement, notice: Notice, noticeUrl: string, words: Words): Place {
  const ticked = signal<ReadonlySet<string>>(new Set<string>())
  const ids = place.dataset.saysoOptIn!.trim().split(/\s+/)
  const purposes = notice.purposes.filter((purpose) => ids.includes(purpose.id) && purpose.scope === 'contact' && isOptional(purpose))
  if (purposes.length < ids.length) console.warn(`sayso: the notice does not ask for all of “${place.dataset.saysoOptIn}”.`)
  if (purposes.length === 0) return { purposes, ticked }
  // A shadow tree of our own keeps the page's style from hiding a box, and the page's form data as it was.
  const host = document.createElement('div')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]
  render(<OptInBlock notice={notice} purposes={purposes} noticeUrl={noticeUrl} words={words} ticked={ticked} />, root)
  place.append(host)
  return { purposes, ticked }
}

/** The address in a form; undefined where it has none that is one. */
function findEmail(form: HTMLFormElement): string | undefined {
  const field = form.querySelector<HTMLInputElement>('input[type=email]') ?? form.querySelector<HTMLInputElement>('[name=email]')
  const email = field?.value.trim() ?? ''
  return /^[^\s@]+@[^\s@]+$/.test(email) && field!.checkValidity() ? email : undefined
}

function describeSubmit(
  form: HTMLFormElement, submitter: HTMLElement | null, { places, notice, noticeHash }: { places: Map<HTMLElement, Place>; notice: Notice; noticeHash: string },
): OptInAct | undefined {
  const here = [...places].flatMap(([element, place]) => form.contains(element) ? [place] : [])
  const ids = here.flatMap(({ ticked }) => [...ticked.value])
  const email = findEmail(form)
  if (ids.length === 0 || !email) return undefined
  const button = submitter ?? form.querySelector<HTMLElement>('[type=submit], button:not([type])')
  const label = (button instanceof HTMLInputElement ? button.value : button?.textContent?.trim()) || 'submit'
  return {
    noticeHash, email, label: label.slice(0, 300),
    shown: notice.purposes.filter((purpose) => here.some(({ purposes }) => purposes.includes(purpose))).map(({ id }) => id),
    decisions: [...new Set(ids)].map((purpose_id) => ({ purpose_id, event_state: 'given' as const })),
    url: location.origin + location.pathname, timeMs: Date.now(),
  }
}
