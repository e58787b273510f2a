// One mail as nodemailer takes it, the same for a mail server and for a folder.
import { domainToASCII } from 'node:url'
import type { MailComposerOptions } from 'nodemailer/lib/mail-composer'
import { checkMail, type OutgoingMail } from '../mailer.ts'

/** The message of a mail, dated `nowMs` (milliseconds since 1970). Throws a Refusal for a mail that is not safe. */
export function composeMail(mail: OutgoingMail, nowMs: number): MailComposerOptions {
  checkMail(mail)
  const domain = domainToASCII(mail.from.address.slice(mail.from.address.lastIndexOf('@') + 1)) || 'localhost'
  return {
    messageId: `<${mail.id}@${domain}>`,
    date: new Date(nowMs),
    from: mail.from,
    // An object, because nodemailer would read a text as a list of recipients.
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    // Prepared: neither folded nor encoded. Unsubscribe links must survive simple parsers.
    headers: Object.entries(mail.headers).map(([key, value]) => ({ key, value: { prepared: true, value } })),
    // Else the lines of the text would end as they came, with a bare line feed.
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
