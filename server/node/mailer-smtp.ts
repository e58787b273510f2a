// Sends mails through a mail server.
import { createTransport } from 'nodemailer'
import type { Mailer } from '../mailer.ts'
import { composeMail } from './compose-mail.ts'

const PATIENCE_MS = 10_000

/**
 * A mailer for a URL such as `smtps://user:password@mail.example` (`smtp://` upgrades by STARTTLS where the
 * server offers it; `?requireTLS=true` insists). A server that keeps silent for ten seconds counts as failed.
 */
export function createSmtpMailer({ url, now }: { url: string; now: () => number }): Mailer {
  // The URL holds a password, so it is not repeated in the error.
  if (!/^smtps?:\/\/./.test(url) || !URL.canParse(url)) throw new Error('Not a mail server: expected smtp://… or smtps://….')
  const transport = createTransport({
    url, connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS,
  })
  return {
    async send(mail) {
      await transport.sendMail({ ...composeMail(mail, now()), xMailer: false })
    },
  }
}
