// The part of the SQL store that is about contacts and mails; see server/store-contacts.ts for what it promises.
import { type Kysely, sql, type Transaction } from 'kysely'
import { foldEmail } from '../fold-email.ts'
import { fromCode, fromContact, fromLink, fromMail, fromMailing, type Tables, toCode, toContact, toMail, toMailing } from '../store-rows.ts'
import { inParts } from './in-parts.ts'
import { skipLocked } from './skip-locked.ts'
import type { Contact } from '../store.ts'
import type { ContactChange, ContactStore, OnceMail } from '../store-contacts.ts'

function toColumns({ email, language, source, hasContract, mailBlock, purge, dueAt }: ContactChange) {
  return {
    ...(email === undefined ? {} : { email, folded_email: foldEmail(email) }), ...(language === undefined ? {} : { language }),
    ...(source === undefined ? {} : { source }), ...(hasContract === undefined ? {} : { has_contract: hasContract ? 1 : 0 }),
    ...(mailBlock === undefined ? {} : { mail_block: mailBlock }), ...(purge === undefined ? {} : { purge }),
    ...(dueAt === undefined ? {} : { due_at: dueAt, leased_until: null }),
  }
}

async function findByEmail(db: Kysely<Tables> | Transaction<Tables>, site: string, emails: readonly string[]): Promise<Contact[]> {
  const found: Contact[] = []
  for (const part of inParts(emails)) {
    const rows = await db.selectFrom('contact').selectAll().where('site', '=', site).where('folded_email', 'in', part.map(foldEmail)).execute()
    found.push(...rows.map(toContact))
  }
  return found
}

async function queueOnce(trx: Transaction<Tables>, { mail, contactId, whats }: OnceMail): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx.insertInto('done').values(whats.map((what) => ({ contact_id: contactId, what })))
    .onConflict((conflict) => conflict.doNothing()).executeTakeFirstOrThrow()
  if (!numInsertedOrUpdatedRows) return false
  await trx.insertInto('mail').values(fromMail(mail)).execute()
  return true
}

/** Contacts and mails in an SQL database whose tables are up to date. */
export function createSqlContacts(db: Kysely<Tables>): ContactStore {
  const isFree = (now: string) => sql<boolean>`(leased_until is null or leased_until <= ${now})`

  return {
    ensureContacts: (contacts) => db.transaction().execute(async (trx) => {
      // In one order, so that two imports of the same list at once do not wait for each other in a circle.
      const sorted = [...contacts].sort((a, b) => (foldEmail(a.email) < foldEmail(b.email) ? -1 : 1))
      for (const part of inParts(sorted)) {
        await trx.insertInto('contact').values(part.map(fromContact)).onConflict((conflict) => conflict.columns(['site', 'folded_email']).doNothing()).execute()
      }
      const found = new Map<string, Contact>()
      for (const [site, own] of Map.groupBy(contacts, (contact) => contact.site)) {
        for (const contact of await findByEmail(trx, site, own.map(({ email }) => email))) found.set(`${site} ${foldEmail(contact.email)}`, contact)
      }
      return contacts.map(({ site, email }) => found.get(`${site} ${foldEmail(email)}`)!)
    }),
    findContactsByEmail: (site, emails) => findByEmail(db, site, emails),
    async updateContact(id, change) {
      return db.transaction().execute(async (trx) => {
        if (change.email !== undefined) {
          const contact = await trx.selectFrom('contact').select('site').where('id', '=', id).executeTakeFirst()
          const other = contact && (await trx.selectFrom('contact').select('id')
            .where('site', '=', contact.site).where('folded_email', '=', foldEmail(change.email)).where('id', '!=', id).executeTakeFirst())
          if (other) return false
        }
        const { numUpdatedRows } = await trx.updateTable('contact').set(toColumns(change)).where('id', '=', id).executeTakeFirstOrThrow()
        return numUpdatedRows === 1n
      })
    },
    async leaseContacts(now, leaseUntil, limit) {
      const due = db.selectFrom('contact').select('id')
        .where((eb) => eb.or([eb('due_at', 'is', null), eb('due_at', '<=', now)])).where(isFree(now)).orderBy('due_at').orderBy('id').limit(limit)
      const rows = await db.with('due', () => skipLocked(db, due)).updateTable('contact').set({ leased_until: leaseUntil })
        .where('id', 'in', (eb) => eb.selectFrom('due').select('id')).where(isFree(now)).returningAll().execute()
      return rows.map(toContact).sort((a, b) => (`${a.dueAt} ${a.id}` < `${b.dueAt} ${b.id}` ? -1 : 1))
    },
    async listContacts(site, { after = '', limit, purge }) {
      let query = db.selectFrom('contact').selectAll().where('site', '=', site).where('id', '>', after)
      if (purge !== undefined) query = purge === null ? query.where('purge', 'is', null) : query.where('purge', '=', purge)
      return (await query.orderBy('id').limit(limit).execute()).map(toContact)
    },
    async countContacts(site) {
      const { count } = await db.selectFrom('contact').select((eb) => eb.fn.countAll<number>().as('count')).where('site', '=', site).executeTakeFirstOrThrow()
      return Number(count)
    },

    addLinks: (links) => db.transaction().execute(async (trx) => {
      for (const part of inParts(links)) await trx.insertInto('link').values(part.map(fromLink)).execute()
    }),

    queueMailsOnce: (mails) => db.transaction().execute(async (trx) => {
      const queued = []
      for (const mail of mails) queued.push(await queueOnce(trx, mail))
      return queued
    }),
    async readDone(contactId) {
      const rows = await db.selectFrom('done').select('what').where('contact_id', '=', contactId).orderBy('what').execute()
      return rows.map(({ what }) => what)
    },

    suppress: (site, addressHashes) => db.transaction().execute(async (trx) => {
      for (const part of inParts(addressHashes)) {
        await trx.insertInto('suppressed').values(part.map((address_hash) => ({ site, address_hash }))).onConflict((conflict) => conflict.doNothing()).execute()
      }
    }),
    unsuppress: (site, addressHashes) => db.transaction().execute(async (trx) => {
      for (const part of inParts(addressHashes)) await trx.deleteFrom('suppressed').where('site', '=', site).where('address_hash', 'in', part).execute()
    }),
    hasSuppressed: async (site) => (await db.selectFrom('suppressed').select('site').where('site', '=', site).limit(1).executeTakeFirst()) !== undefined,
    async findSuppressed(site, addressHashes) {
      const found = new Set<string>()
      for (const part of inParts(addressHashes)) {
        const rows = await db.selectFrom('suppressed').select('address_hash').where('site', '=', site).where('address_hash', 'in', part).execute()
        for (const { address_hash } of rows) found.add(address_hash)
      }
      return found
    },

    putCode: (code) => db.transaction().execute(async (trx) => {
      await trx.deleteFrom('code').where('session_hash', '=', code.sessionHash).where('action', '=', code.action).execute()
      await trx.insertInto('code').values(fromCode(code)).execute()
    }),
    async findCode(sessionHash, action) {
      const row = await db.selectFrom('code').selectAll().where('session_hash', '=', sessionHash).where('action', '=', action).executeTakeFirst()
      return row && toCode(row)
    },
    async setCode(sessionHash, action, { codeHash, expiresAt }) {
      const { numUpdatedRows } = await db.updateTable('code').set({ code_hash: codeHash, expires_at: expiresAt, tries: 0 })
        .where('session_hash', '=', sessionHash).where('action', '=', action).where('passed_at', 'is', null).executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async takeCodeTry(sessionHash, action, now) {
      const row = await db.updateTable('code').set((eb) => ({ tries: eb('tries', '+', 1) }))
        .where('session_hash', '=', sessionHash).where('action', '=', action).where('tries', '<', 3)
        .where('code_hash', 'is not', null).where('passed_at', 'is', null).where('expires_at', '>', now).returningAll().executeTakeFirst()
      return row && toCode(row)
    },
    async passCode(sessionHash, action, passedAt, expiresAt) {
      await db.updateTable('code').set({ passed_at: passedAt, expires_at: expiresAt }).where('session_hash', '=', sessionHash).where('action', '=', action).execute()
    },
    async deleteCodes(expiredBefore) {
      await db.deleteFrom('code').where('expires_at', '<', expiredBefore).execute()
    },

    async addMailing(mailing) {
      await db.insertInto('mailing').values(fromMailing(mailing)).execute()
    },
    async findMailing(id) {
      const row = await db.selectFrom('mailing').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toMailing(row)
    },
    async listMailings(site) {
      return (await db.selectFrom('mailing').selectAll().where('site', '=', site).orderBy('created_at', 'desc').orderBy('id').execute()).map(toMailing)
    },
    async listDueMailings(now) {
      return (await db.selectFrom('mailing').selectAll().where('state', '=', 'running').where('next_at', '<=', now).orderBy('id').execute()).map(toMailing)
    },
    async changeMailingState(id, from, to) {
      const { numUpdatedRows } = await db.updateTable('mailing').set({ state: to }).where('id', '=', id).where('state', 'in', [...from]).executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    moveMailing: (id, fromCursor, { cursor, skipped, state, nextAt }, mails) => db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx.updateTable('mailing').set({ cursor, state, next_at: nextAt })
        .where('id', '=', id).where('cursor', '=', fromCursor).where('state', '=', 'running').executeTakeFirstOrThrow()
      if (numUpdatedRows !== 1n) return false
      let queued = 0
      for (const mail of mails) if (await queueOnce(trx, mail)) queued += 1
      await trx.updateTable('mailing').set((eb) => ({ queued: eb('queued', '+', queued), skipped: eb('skipped', '+', skipped + mails.length - queued) }))
        .where('id', '=', id).execute()
      return true
    }),

    async listMails(site, limit) {
      const rows = await db.selectFrom('mail').selectAll().where('site', '=', site).orderBy('created_at').orderBy('id').limit(limit).execute()
      return rows.map(toMail).map(({ id, kind, createdAt, attempts, dueAt, stuck }) => ({ id, kind, createdAt, attempts, dueAt, stuck }))
    },
    async countMails() {
      const { all, stuck } = await db.selectFrom('mail').select((eb) => [eb.fn.countAll<number>().as('all'), eb.fn.count<number>('stuck').as('stuck')]).executeTakeFirstOrThrow()
      const oldest = await db.selectFrom('mail').select(({ fn }) => fn.min('created_at').as('at')).where('stuck', 'is', null).executeTakeFirst()
      return { waiting: Number(all) - Number(stuck), stuck: Number(stuck), oldestAt: oldest?.at ?? null }
    },
    async markHandingOver(id, at) {
      await db.updateTable('mail').set({ handing_over_at: at }).where('id', '=', id).execute()
    },
    async stickMail(id, stuck) {
      await db.updateTable('mail').set({ stuck, leased_until: null }).where('id', '=', id).execute()
    },
    async retryMail(site, id, dueAt) {
      const { numUpdatedRows } = await db.updateTable('mail').set({ stuck: null, handing_over_at: null, leased_until: null, due_at: dueAt })
        .where('site', '=', site).where('id', '=', id).executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
  }
}
