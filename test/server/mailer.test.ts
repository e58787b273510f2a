// Mails as a receiver sees them: from the folder, and through a real mail server.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryMailer, type OutgoingMail } from '../../server/mailer.ts'
import { createFolderMailer } from '../../server/node/mailer-folder.ts'
import { createSmtpMailer } from '../../server/node/mailer-smtp.ts'

const unsubscribe = `<https://consent.example.org/some/longer/path/than/usual/u/${'Aa0_-'.repeat(9).slice(0, 43)}>`

function sampleMail(rest: Partial<OutgoingMail> = {}): OutgoingMail {
  return {
    id: '-Qx_9', from: { name: 'Böcklin & Söhne, "Shop"', address: 'shop@example.com' }, to: 'ada.lovelace@example.com',
    subject: `Bitte bestätigen: ${'sehr '.repeat(20)}lang`, text: `Grüße\n.\nFrom here\n${'x'.repeat(1200)}\n`, html: '<p lang="de">Grüße</p>',
    headers: { 'List-Unsubscribe': unsubscribe, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }, ...rest,
  }
}

const nowMs = Date.parse('2026-11-22T10:15:30.123Z')
const now = () => nowMs

async function expectSample(raw: string): Promise<void> {
  const mail = await PostalMime.parse(raw)
  const sample = sampleMail()
  expect(mail.from).toEqual({ name: sample.from.name, address: sample.from.address })
  expect(mail.to).toEqual([{ name: '', address: sample.to }])
  expect(mail.subject).toBe(sample.subject)
  expect(mail.text!.trimEnd()).toBe(sample.text.trimEnd())
  expect(mail.html!.trimEnd()).toBe(sample.html)
  expect(mail.messageId).toBe('<-Qx_9@example.com>')
  expect(new Date(mail.date!)).toEqual(new Date('2026-11-22T10:15:30Z'))
  expect(mail.attachments).toEqual([])
}

// What a provider that reads line by line sees.
function expectHeaders(raw: string): void {
  const lines = raw.slice(0, raw.indexOf('\r\n\r\n')).split('\r\n')
  expect(lines.filter((line) => /^list-/i.test(line))).toEqual([
    `List-Unsubscribe: ${unsubscribe}`, 'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  ])
  expect(lines.filter((line) => /^to:/i.test(line))).toEqual(['To: ada.lovelace@example.com'])
  expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  expect(raw.split('\r\n').every((line) => line.length <= 998)).toBe(true)
}

const unsafe: [string, Partial<OutgoingMail>][] = [
  ['a line break in the subject', { subject: 'Hello\r\nBcc: eve@example.com' }],
  ['a lone line feed in the subject', { subject: 'Hello\nBcc: eve@example.com' }],
  ['a lone carriage return in the subject', { subject: 'Hello\rBcc: eve@example.com' }],
  ['a line break in the recipient', { to: 'ada@example.com\r\nBcc: eve@example.com' }],
  ['two recipients', { to: 'ada@example.com, eve@example.com' }],
  ['a recipient with a name', { to: 'Eve <eve@example.com>' }],
  ['a group as recipient', { to: 'all:ada@example.com;' }],
  ['no recipient', { to: '' }],
  ['a line break in the sender\'s name', { from: { name: 'Shop\r\nBcc: eve@example.com', address: 'shop@example.com' } }],
  ['a line break in the sender\'s address', { from: { name: 'Shop', address: 'shop@example.com\nBcc: eve@example.com' } }],
  ['a line break in a header\'s value', { headers: { 'List-Unsubscribe': '<https://a.example>\r\nBcc: eve@example.com' } }],
  ['a line break in a header\'s name', { headers: { 'X-A: b\r\nBcc': 'eve@example.com' } }],
  ['a second recipient header', { headers: { Bcc: 'eve@example.com' } }],
  ['a second content type', { headers: { 'content-type': 'text/plain' } }],
  ['a line break in the id', { id: 'a\r\nBcc: eve@example.com' }],
  ['an id that leads out of the folder', { id: '../../mail' }],
]

let folder: string

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'sayso-mail-')), 'mailbox')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

describe('a mail in the folder', () => {
  test('is the whole message that was sent', async () => {
    await createFolderMailer({ folder, now }).send(sampleMail())
    const raw = readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8')
    await expectSample(raw)
    expectHeaders(raw)
  })

  test('has a name that sorts by time and ends in its id, and nothing else is left in the folder', async () => {
    let timeMs = nowMs
    const mailer = createFolderMailer({ folder, now: () => (timeMs += 1000) })
    for (const id of ['b', 'a']) await mailer.send(sampleMail({ id }))
    expect(readdirSync(folder).sort()).toEqual(['2026-11-22T10-15-31.123Z-b.eml', '2026-11-22T10-15-32.123Z-a.eml'])
  })

  test.each(unsafe)('with %s is refused, and no file is written', async (_fault, rest) => {
    await expect(createFolderMailer({ folder, now }).send(sampleMail(rest))).rejects.toMatchObject({ name: 'Refusal' })
    expect(readdirSync(join(folder, '..'))).toEqual([])
  })
})

describe('a mail through a mail server', () => {
  let server: SMTPServer
  let url: string
  let received: { recipients: string[]; raw: string }[]
  let isFull: boolean

  beforeEach(async () => {
    received = []
    isFull = false
    server = new SMTPServer({
      authOptional: true, disabledCommands: ['STARTTLS'],
      onData(stream, session, done) {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          if (isFull) return done(Object.assign(new Error('mailbox full'), { responseCode: 452 }))
          received.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString('utf8') })
          done()
        })
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  })
  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())))

  test('arrives as it was sent, at its one recipient', async () => {
    await createSmtpMailer({ url, now }).send(sampleMail())
    expect(received.map((mail) => mail.recipients)).toEqual([['ada.lovelace@example.com']])
    await expectSample(received[0]!.raw)
    expectHeaders(received[0]!.raw)
  })

  test('is the very message that the folder would have, but for the boundary between its parts', async () => {
    await createSmtpMailer({ url, now }).send(sampleMail())
    await createFolderMailer({ folder, now }).send(sampleMail())
    const plain = (raw: string) => raw.replace(/--_NmP-[\w-]+/g, '--boundary').trimEnd()
    expect(plain(received[0]!.raw)).toBe(plain(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8')))
  })

  test('that the server does not take is an error, as is a server that is not there', async () => {
    isFull = true
    await expect(createSmtpMailer({ url, now }).send(sampleMail())).rejects.toThrow('mailbox full')
    await new Promise<void>((resolve) => server.close(() => resolve()))
    await expect(createSmtpMailer({ url, now }).send(sampleMail())).rejects.toThrow('ECONNREFUSED')
  })

  test.each(unsafe)('with %s never reaches the server', async (_fault, rest) => {
    await expect(createSmtpMailer({ url, now }).send(sampleMail(rest))).rejects.toMatchObject({ name: 'Refusal' })
    expect(received).toEqual([])
  })

  test.each(['', 'mail.example', 'http://mail.example', 'smtp://'])('a mail server %j is refused at the start, without repeating it', (wrong) => {
    expect(() => createSmtpMailer({ url: wrong, now })).toThrow('Not a mail server')
  })
})

describe('mails in memory', () => {
  test('are kept as they were sent', async () => {
    const mailer = createMemoryMailer()
    const mail = sampleMail()
    await mailer.send(mail)
    mail.headers['List-Unsubscribe'] = 'changed'
    expect(mailer.sent).toEqual([sampleMail()])
  })

  test.each(unsafe)('with %s are refused', async (_fault, rest) => {
    const mailer = createMemoryMailer()
    await expect(mailer.send(sampleMail(rest))).rejects.toMatchObject({ name: 'Refusal' })
    expect(mailer.sent).toEqual([])
  })
})
