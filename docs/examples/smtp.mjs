// A campaign by plain SMTP: node smtp.mjs ada@example.org bob@example.org
// Settings besides those of links.mjs: SMTP_URL, FROM.
import { createTransport } from 'nodemailer'
import { askForLinks, emails } from './links.mjs'

const transport = createTransport(process.env.SMTP_URL)
for (const { email, manage_url, unsubscribe_url, headers } of await askForLinks(emails)) {
  await transport.sendMail({
    from: process.env.FROM, to: email, subject: 'The letter from the workshop',
    text: `Hello,\n\nthis month: lamps made of fern.\n\n--\nYour choices: ${manage_url}\nUnsubscribe: ${unsubscribe_url}\n`,
    // As they stand: neither folded nor encoded, so that every mail program understands them.
    headers: Object.entries(headers).map(([key, value]) => ({ key, value: { prepared: true, value } })),
  })
}
transport.close()
