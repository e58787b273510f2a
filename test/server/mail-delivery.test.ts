// Mails through a real mail server that refuses, makes wait, and hangs up: each event's mail arrives once or sticks in sight.
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import { createMockService } from '../../api-mock/service.ts'
import { createMail } from '../../server/mail-order.ts'
import { ensureContact } from '../../server/contact.ts'
import { createSmtpMailer } from '../../server/node/mailer-smtp.ts'
import { createMemoryStore } from '../../server/store-memory.ts'
import { createSite } from '../fixtures/site.ts'

type Handler<Name extends 'onRcptTo' | 'onData'> = NonNullable<SMTPServerOptions[Name]>

let server: SMTPServer
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())))

/** A reply of the server other than “all right”. */
function reply(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code })
}

async function open({ onRcptTo, onData }: { onRcptTo?: Handler<'onRcptTo'>; onData?: Handler<'onData'> }) {
  const received: string[] = []
  async function listen(port: number): Promise<void> {
    server = new SMTPServer({
      authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], ...(onRcptTo ? { onRcptTo } : {}),
      onData: onData ?? ((stream, _session, done) => {
        let raw = ''
        stream.on('data', (piece: Buffer) => (raw += piece.toString()))
        stream.on('end', () => {
          received.push(raw)
          done()
        })
      }),
    })
    // Connections that are cut show as errors here.
    server.on('error', () => {})
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  }
  await listen(0)
  const clock = { nowMs: Date.parse('2026-11-22T10:00:00.000Z') }
  const now = () => clock.nowMs
  const store = createMemoryStore()
  const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, now })
  const { app } = await createMockService({ sites: [createSite()], store, now, mailer })
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const { contact } = await ensureContact({ store, now, random }, { site: 'shop', email: 'ada@example.org', language: 'en' })
  await store.queueMail(createMail({ now, random }, { site: 'shop', kind: 'link', recipient: { contactId: contact.id }, language: 'en' }))
  return {
    received, store, listen,
    async live(hours: number) {
      for (let i = 0; i < hours; i += 1) {
        await app.settle()
        clock.nowMs += 3_600_000
      }
    },
    block: async () => (await store.findContact(contact.id))!.mailBlock,
    waiting: () => store.listMails('shop', 10),
  }
}

test('a server that greylists gets the mail again later, and takes it once', async () => {
  let isFirst = true
  const { received, live, waiting } = await open({
    onRcptTo(_address, _session, done) {
      done(isFirst ? reply(451, '4.7.1 Greylisted, try again later') : null)
      isFirst = false
    },
  })
  await live(5)
  expect([received.length, await waiting()]).toEqual([1, []])
})

test.each([
  ['no such user', 550, '5.1.1 No such user here', 'bounced'], ['a mailbox that is closed', 550, '5.2.1 Mailbox disabled', 'bounced'], ['no such user, in the old style', 550, 'No such user', 'bounced'],
  ['a policy', 550, '5.7.1 Your network is blocked', null], ['a full mailbox', 552, '5.2.2 Mailbox full', null],
] as const)('a refusal for %s says what it says about the address', async (_name, code, text, expected) => {
  const { live, block, waiting, received } = await open({ onRcptTo: (_address, _session, done) => done(reply(code, text)) })
  await live(2)
  expect([await block(), (await waiting()).length, received]).toEqual([expected, expected === null ? 1 : 0, []])
})

test('a message that is refused after it was read is tried again, for the answer says that nobody has it', async () => {
  let tries = 0
  const { live, waiting } = await open({
    onData(stream, _session, done) {
      tries += 1
      stream.resume()
      stream.on('end', () => done(tries < 3 ? reply(452, '4.3.1 Out of space') : null))
    },
  })
  await live(10)
  expect([tries, await waiting()]).toEqual([3, []])
})

test('a connection that breaks before the message was sent whole is no delivery: it is tried again', async () => {
  let tries = 0
  const { live, received, waiting } = await open({
    onRcptTo(_address, session, done) {
      tries += 1
      if (tries === 1) for (const connection of server.connections) (connection as unknown as { close(): void }).close()
      else done()
    },
  })
  await live(5)
  expect([tries, received.length, await waiting()]).toEqual([2, 1, []])
})

test('a connection that breaks before the answer to a whole message leaves it open whether it went: it is not sent twice', async () => {
  let tries = 0
  const { live, waiting } = await open({
    onData(stream) {
      tries += 1
      stream.resume()
      stream.on('end', () => {
        for (const connection of server.connections) (connection as unknown as { _socket: { destroy(): void } })._socket.destroy()
      })
    },
  })
  await live(80)
  expect([tries, await waiting()]).toEqual([1, [expect.objectContaining({ stuck: 'uncertain' })]])
})

test('nobody listening is no delivery: it is tried again', async () => {
  const { live, waiting, received, listen } = await open({})
  const { port } = server.server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  await live(1)
  expect(await waiting()).toEqual([expect.objectContaining({ attempts: 1, stuck: undefined })])
  await listen(port)
  await live(2)
  expect([received.length, await waiting()]).toEqual([1, []])
})

test('a process that ended while it handed a mail over leaves it open whether it went', async () => {
  const { live, store, waiting, received } = await open({})
  const [mail] = await waiting()
  await store.markHandingOver(mail!.id, '2026-11-22T09:59:59.000Z')
  await live(5)
  expect([received, await waiting()]).toEqual([[], [expect.objectContaining({ stuck: 'uncertain' })]])
})
