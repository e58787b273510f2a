// Writes the links into custom fields of Mautic's contacts, for use in its mails: node mautic.mjs ada@example.org
// Settings besides those of links.mjs: MAUTIC_URL, MAUTIC_USER, MAUTIC_PASSWORD. Make two fields of the type URL first, with the
// aliases sayso_manage_url and sayso_unsubscribe_url. In a mail: {contactfield=sayso_manage_url}; as its custom headers:
// List-Unsubscribe: <{contactfield=sayso_unsubscribe_url}> and List-Unsubscribe-Post: List-Unsubscribe=One-Click.
import { askForLinks, call, emails } from './links.mjs'

const MOST_AT_ONCE = 200
const { MAUTIC_URL, MAUTIC_USER, MAUTIC_PASSWORD } = process.env
const authorization = `Basic ${Buffer.from(`${MAUTIC_USER}:${MAUTIC_PASSWORD}`).toString('base64')}`

const links = await askForLinks(emails)
for (let start = 0; start < links.length; start += MOST_AT_ONCE) {
  // The address is what Mautic tells contacts by: whoever is known is changed, not made again.
  await call(`${MAUTIC_URL}/api/contacts/batch/new`, {
    headers: { authorization },
    body: links.slice(start, start + MOST_AT_ONCE).map(({ email, manage_url, unsubscribe_url }) => ({ email, sayso_manage_url: manage_url, sayso_unsubscribe_url: unsubscribe_url })),
  })
}
