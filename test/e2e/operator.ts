// The operator as the end-to-end tests play them: makes a contact and links to it, with the admin token.
import { ADMIN_TOKEN, type Stage } from './stage.ts'

const HEADERS = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }

async function post<Answer>(url: string, body: object): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Answer
}

/** A new contact, and both kinds of link to it. */
export async function createLink(stage: Stage, email: string, language = 'en', site = 'shop'): Promise<{ preferences: string; unsubscribe: string }> {
  const contacts = `${stage.serviceUrl}/v1/sites/${site}/contacts`
  const { id } = await post<{ id: string }>(contacts, { email, language, ask: false })
  const [preferences, unsubscribe] = await Promise.all(['P', 'U'].map((kind) => post<{ url: string }>(`${contacts}/${id}/links`, { kind })))
  return { preferences: preferences!.url, unsubscribe: unsubscribe!.url }
}
