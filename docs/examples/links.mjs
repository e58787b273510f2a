// Asks Sayso for links and headers: the part that all examples share. Settings: SAYSO_URL, SAYSO_SITE, SAYSO_ADMIN_TOKEN,
// and PURPOSE, the contact purpose that the campaign is about.
const { SAYSO_URL, SAYSO_SITE, SAYSO_ADMIN_TOKEN, PURPOSE } = process.env
const MOST_AT_ONCE = 10_000

/** Those of these addresses that may get the campaign, each with `manage_url`, `unsubscribe_url` and `headers`; says who is left out, and why. */
export async function askForLinks(emails) {
  const allowed = []
  for (let start = 0; start < emails.length; start += MOST_AT_ONCE) {
    const response = await fetch(`${SAYSO_URL}/v1/sites/${SAYSO_SITE}/mail-links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SAYSO_ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ contacts: emails.slice(start, start + MOST_AT_ONCE).map((email) => ({ email })), ...(PURPOSE ? { purpose_id: PURPOSE } : {}) }),
    })
    if (!response.ok) throw new Error(`Sayso: ${response.status} ${await response.text()}`)
    for (const result of (await response.json()).results) {
      if (result.may_send) allowed.push(result)
      else console.error(`left out: ${result.email}: ${result.reason}`)
    }
  }
  return allowed
}

/** Calls a tool's API and throws where it refuses. */
export async function call(url, { method = 'POST', headers = {}, body } = {}) {
  const response = await fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** The addresses on the command line. */
export const emails = process.argv.slice(2)
