// Sends mails through a mail server, and finds out of a failure whether it may be tried again.
import { Transform } from 'node:stream'
import { createTransport } from 'nodemailer'
import { Refusal } from '../../core/refusal.ts'
import { MailFailure, type MailFailureReason, type Mailer, type OutgoingMail } from '../mailer.ts'
import { composeMail } from './compose-mail.ts'

const PATIENCE_MS = 10_000

// RFC 5321 section 4.2.3: no such mailbox, mailbox name not allowed. RFC 3463: 5.1.x is about the address, 5.2.1 a mailbox
// that is closed. Other refusals are about us or the message, and no fault of the address.
const NO_MAILBOX_REPLIES = [550, 551, 553]
const ENHANCED_CODE = /\b5\.(\d+)\.(\d+)\b/

function isNoMailbox({ command, responseCode, response = '' }: SmtpError): boolean {
  if (command !== 'RCPT TO' || responseCode === undefined || responseCode < 500) return false
  const [, subject, detail] = ENHANCED_CODE.exec(response) ?? []
  return subject === undefined ? NO_MAILBOX_REPLIES.includes(responseCode) : subject === '1' || (subject === '2' && detail === '1')
}

interface SmtpError extends Error {
  command?: string
  responseCode?: number
  response?: string
}

function findReason(error: SmtpError, isSentWhole: boolean): MailFailureReason {
  if (isNoMailbox(error)) return 'no_mailbox'
  return isSentWhole && error.responseCode === undefined ? 'uncertain' : 'temporary'
}

/** Passes a message on as it is asked for, and notes when all but the dot that ends it was taken. */
function watchEnd(onEnd: () => void): Transform {
  return new Transform({
    // Holds nothing back, so that what has left it was really read on.
    readableHighWaterMark: 1,
    transform: (piece, _encoding, done) => done(null, piece),
    flush(done) {
      onEnd()
      done()
    },
  })
}

async function sendOnce(options: { url: string }, mail: OutgoingMail, nowMs: number): Promise<void> {
  let isSentWhole = false
  const transport = createTransport(options)
  // The server takes the message only once it has taken the recipient.
  transport.use('stream', (prepared, done) => {
    prepared.message.processFunc((message) => message.pipe(watchEnd(() => (isSentWhole = true))))
    done()
  })
  try {
    await transport.sendMail({ ...composeMail(mail, nowMs), xMailer: false })
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new MailFailure(findReason(error as SmtpError, isSentWhole), (error as SmtpError).message, { cause: error })
  }
}

/**
 * A mailer for a URL such as `smtps://user:password@mail.example` (`smtp://` upgrades by STARTTLS where the
 * server offers it; `?requireTLS=true` insists). A server that keeps silent for ten seconds counts as failed.
 */
export function createSmtpMailer({ url, now }: { url: string; now: () => number }): Mailer {
  // The URL holds a password, so it is not repeated in the error.
  if (!/^smtps?:\/\/./.test(url) || !URL.canParse(url)) throw new Error('Not a mail server: expected smtp://… or smtps://….')
  const options = { url, connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS }
  return { send: (mail) => sendOnce(options, mail, now()) }
}
