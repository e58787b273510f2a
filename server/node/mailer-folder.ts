// Puts mails into a folder instead of sending them: each a complete message (RFC 5322) in an .eml file, byte
// for byte what a mail server would get. A file appears whole or not at all; names sort by time.
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import MailComposer from 'nodemailer/lib/mail-composer'
import { formatTime } from '../../core/time.ts'
import type { Mailer } from '../mailer.ts'
import { composeMail } from './compose-mail.ts'

/** A mailer that writes `2026-11-22T10-15-30.123Z-<id>.eml` into the folder, which it makes where there is none. */
export function createFolderMailer({ folder, now }: { folder: string; now: () => number }): Mailer {
  return {
    async send(mail) {
      const nowMs = now()
      const message = await new MailComposer(composeMail(mail, nowMs)).compile().build()
      // Colons are not allowed in names on every file system.
      const path = join(folder, `${formatTime(nowMs).replaceAll(':', '-')}-${mail.id}.eml`)
      await mkdir(folder, { recursive: true })
      const file = await open(`${path}.part`, 'w')
      try {
        await file.writeFile(message)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${path}.part`, path)
    },
  }
}
