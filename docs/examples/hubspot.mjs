// Writes the links into properties of HubSpot's contacts, for use in its mails: node hubspot.mjs ada@example.org
// Settings besides those of links.mjs: HUBSPOT_TOKEN, and HUBSPOT_URL where that is not https://api.hubapi.com. Make two
// single-line text properties first, sayso_manage_url and sayso_unsubscribe_url. In a mail: {{ contact.sayso_manage_url }}.
// HubSpot writes the List-Unsubscribe header itself; have its unsubscribes told to Sayso as an import.
import { askForLinks, call, emails } from './links.mjs'

const MOST_AT_ONCE = 100
const { HUBSPOT_TOKEN, HUBSPOT_URL = 'https://api.hubapi.com' } = process.env

const links = await askForLinks(emails)
for (let start = 0; start < links.length; start += MOST_AT_ONCE) {
  await call(`${HUBSPOT_URL}/crm/v3/objects/contacts/batch/update`, {
    headers: { authorization: `Bearer ${HUBSPOT_TOKEN}` },
    body: {
      inputs: links.slice(start, start + MOST_AT_ONCE).map(({ email, manage_url, unsubscribe_url }) => ({
        id: email, idProperty: 'email', properties: { sayso_manage_url: manage_url, sayso_unsubscribe_url: unsubscribe_url },
      })),
    },
  })
}
