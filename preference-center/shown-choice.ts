// What a press on the page decides, from what stands on the page: the boxes, the sentences beside them, the button. The
// notice is fetched and its hash computed here, and where page and notice say different things nothing is signed.
import { listAsked, listChanges, listEndings } from '../core/choice.ts'
import { createClient } from '../core/client.ts'
import type { Decision } from '../core/event.ts'
import { hashJson } from '../core/hash.ts'
import type { Notice } from '../core/notice.ts'
import { readStandpoint, type SigningContext } from './signing-context.ts'

/** What is about to be decided, under which notice. */
export interface ShownChoice {
  notice: Notice
  noticeHash: string
  decisions: Decision[]
  /** Words on the button. */
  action: string
}

/** A press on a button of the form, and the boxes that were ticked then. */
export interface Press {
  pressed: HTMLButtonElement
  ticked: ReadonlySet<string>
  context: SigningContext
}

/** The notice that the form names, with the hash computed from what came; undefined where the two differ. */
async function fetchNamedNotice(form: HTMLFormElement, site: string): Promise<{ notice: Notice; noticeHash: string } | undefined> {
  const named = new URL(form.action).searchParams.get('notice')
  if (named === null) return undefined
  const outcome = await createClient({ base: location.origin, site, fetch: (...call) => fetch(...call) }).fetchNotice(named)
  if (outcome.kind !== 'ok') return undefined
  const noticeHash = hashJson(outcome.value)
  // The hash stands for a notice that was checked when it was published.
  return noticeHash === named ? { notice: outcome.value as Notice, noticeHash } : undefined
}

/** The sentences beside the boxes, by purpose id. */
function readStatements(document: Document): Map<string, string> {
  const boxes = [...document.querySelectorAll<HTMLInputElement>('input[type=checkbox][name=purpose]')]
  return new Map(boxes.map((box) => [box.value, box.labels?.[0]?.textContent?.trim() ?? '']))
}

/** Reads a press; undefined where nothing changes, or where the page and the notice do not say the same. */
export async function readShownChoice(form: HTMLFormElement, { pressed, ticked, context }: Press): Promise<ShownChoice | undefined> {
  const statements = readStatements(form.ownerDocument)
  const found = await fetchNamedNotice(form, context.aud.site)
  if (!found) return undefined
  const standpoint = readStandpoint(context)
  const decisions = pressed.value === 'unsubscribe_all'
    ? listEndings(standpoint).map((ending): Decision => ({ ...ending, statement_text: statements.get(ending.purpose_id) ?? '' }))
    : listChanges(found.notice, ticked, standpoint)
  const asked = new Map(listAsked(found.notice).map(({ id, statement_text }) => [id, statement_text]))
  const isAsShown = decisions.every(({ purpose_id, statement_text }) => statement_text === statements.get(purpose_id) && statement_text === asked.get(purpose_id))
  return decisions.length > 0 && isAsShown ? { ...found, decisions, action: pressed.textContent?.trim() ?? '' } : undefined
}
