// A campaign through listmonk's transactional API, which takes headers for each message: node listmonk.mjs ada@example.org
// Settings besides those of links.mjs: LISTMONK_URL, LISTMONK_TOKEN (user:token), TEMPLATE_ID. In the template:
// {{ .Tx.Data.manage_url }} and {{ .Tx.Data.unsubscribe_url }}.
import { askForLinks, call, emails } from './links.mjs'

const { LISTMONK_URL, LISTMONK_TOKEN, TEMPLATE_ID } = process.env
for (const { email, manage_url, unsubscribe_url, headers } of await askForLinks(emails)) {
  await call(`${LISTMONK_URL}/api/tx`, {
    headers: { authorization: `token ${LISTMONK_TOKEN}` },
    body: {
      subscriber_email: email, template_id: Number(TEMPLATE_ID), data: { manage_url, unsubscribe_url }, content_type: 'html',
      headers: Object.entries(headers).map(([name, value]) => ({ [name]: value })),
    },
  })
}
