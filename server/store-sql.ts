// A store in an SQL database, through Kysely. The statements are plain enough for SQLite and PostgreSQL alike;
// what is SQLite's own stands in `openSqlite`. An append is one transaction that starts by moving the log's
// size from what is expected to what it will be, so of two at once exactly one gets through. It touches the
// right edge of the log only.
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, type Transaction } from 'kysely'
import type { Bytes } from '../core/bytes.ts'
import { hashText } from '../core/hash.ts'
import { parseLeaf } from '../core/leaf.ts'
import type { Site } from '../core/site.ts'
import { checkAppend } from './append.ts'
import { createSqlContacts } from './node/contacts-sql.ts'
import { erase, scrub } from './node/erase-sql.ts'
import { insertRows } from './node/insert-rows.ts'
import { recallEvents, selectEvents } from './node/recall-events.ts'
import { fillList, keepQueries, type RunKept } from './node/kept-queries.ts'
import { keepStatements } from './node/kept-statements.ts'
import { createSqlTokens } from './node/tokens-sql.ts'
import { skipLocked } from './node/skip-locked.ts'
import { foldEmail } from './fold-email.ts'
import { compareMails } from './mail-order.ts'
import { migrate } from './migrations/history.ts'
import {
  fromContact, fromLink, fromMail, fromOptIn, fromSession, type Tables,
  toContact, toEvent, toLeaf, toLink, toMail, toOptIn, toSession,
} from './store-rows.ts'
import type { Append, Contact, Store } from './store.ts'

const BUSY_TIMEOUT_MS = 10_000

/**
 * Opens a SQLite file, or makes it where there is none, and brings its tables up to date. A commit is on the
 * disk when it returns. Several processes may open the same file; their writes take turns.
 */
export async function openSqlite(path: string): Promise<Kysely<Tables>> {
  const sqlite = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = FULL')
    sqlite.pragma('foreign_keys = ON')
    // In KiB. What SQLite takes by itself, 2 MB, holds no index of a long log.
    sqlite.pragma('cache_size = -32768')
    // What is deleted is overwritten with zeros, so that erasing erases.
    sqlite.pragma('secure_delete = ON')
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: keepStatements(sqlite) as Database.Database }) })
    // Kysely takes no lock around migrations of SQLite, and no transaction: two processes may start at once.
    sqlite.exec('BEGIN IMMEDIATE')
    await migrate(db)
    sqlite.exec('COMMIT')
    return db
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/** Compare and set: whether the log had the size expected and has the new one now. */
async function moveLog(run: RunKept, trx: Transaction<Tables>, { site, expectedSize, checkpoint: { size } }: Append): Promise<boolean> {
  if (expectedSize === 0) {
    await trx.insertInto('log').values({ site, size: 0 }).onConflict((conflict) => conflict.doNothing()).execute()
  }
  const moved = await run(trx, 'move log', [size, site, expectedSize], () =>
    trx.updateTable('log').set({ size }).where('site', '=', site).where('size', '=', expectedSize).returning('size'))
  return moved.length === 1
}

async function writeLeaves(run: RunKept, trx: Transaction<Tables>, { site, expectedSize, leaves }: Append): Promise<void> {
  const placed = leaves.map((leaf, i) => ({ ...leaf, site, index: expectedSize + i }))
  await insertRows(run, trx, 'leaf', placed.map(({ index, type, text, hash }) => ({
    site, index, type, text, hash, received_at: parseLeaf(text).received_at,
  })))
  await insertRows(run, trx, 'event', placed.flatMap(({ index, body }) => (body.type === 'event' ? [{
    site, index, event_id: body.eventId, record_id: body.recordId, jws: body.jws, notice_hash: body.noticeHash,
    key_binding: body.keyBinding ?? null,
  }] : [])))
  await insertRows(run, trx, 'notice', placed.flatMap(({ index, body }) => (body.type === 'notice' ? [{ site, index, json: body.json }] : [])))
  await insertRows(run, trx, 'key', placed.flatMap(({ index, body }) => (body.type === 'key' ? [{ site, index, jwk: body.jwk }] : [])))
  await insertRows(run, trx, 'access', placed.flatMap(({ index, body }) => (body.type === 'access' ? [{ site, index, entry: body.entry }] : [])))
}

async function writeTiles(run: RunKept, trx: Transaction<Tables>, { site, tiles }: Append): Promise<void> {
  for (const { level, index, hashes } of tiles) {
    await run(trx, 'write tile', [site, level, index, hashes], () => trx.insertInto('tile').values({ site, level, index, hashes })
      .onConflict((conflict) => conflict.columns(['site', 'level', 'index']).doUpdateSet({ hashes: (eb) => eb.ref('excluded.hashes') })))
  }
}

// A published checkpoint stays. A second one of its size must be of the same tree.
async function writeCheckpoint(run: RunKept, trx: Transaction<Tables>, { site, checkpoint: { size, note, root } }: Append): Promise<void> {
  const written = await run(trx, 'write checkpoint', [site, size, note, root], () =>
    trx.insertInto('checkpoint').values({ site, size, note, root }).onConflict((conflict) => conflict.doNothing()).returning('root'))
  if (written.length > 0) return
  const [known] = await run(trx, 'root', [site, size], () => trx.selectFrom('checkpoint').select('root').where('site', '=', site).where('size', '=', size))
  if (known!.root !== root) throw new Error(`The log had another root at size ${size}.`)
}

/** A store over a database whose tables are up to date. Closing the store closes the database. */
export function createSqlStore(db: Kysely<Tables>): Store {
  const run = keepQueries()

  const selectErased = () => db.selectFrom('erased')
    .innerJoin('leaf', (join) => join.onRef('leaf.site', '=', 'erased.site').onRef('leaf.index', '=', 'erased.index'))
    .select(['erased.site', 'erased.index', 'leaf.hash'])

  async function readLevel(site: string, level: number, indices: number[]): Promise<[string, Bytes][]> {
    const list = fillList(indices)
    const rows = await run(db, 'tiles', [site, level, list], () =>
      db.selectFrom('tile').select(['index', 'hashes']).where('site', '=', site).where('level', '=', level).where('index', 'in', list))
    return rows.map(({ index, hashes }) => [`${level}/${index}`, new Uint8Array(hashes)])
  }

  async function findContactByEmail(site: string, email: string): Promise<Contact | undefined> {
    const row = await db.selectFrom('contact').selectAll()
      .where('site', '=', site).where('folded_email', '=', foldEmail(email)).executeTakeFirst()
    return row && toContact(row)
  }

  return {
    ...createSqlContacts(db),
    ...createSqlTokens(db),

    async saveSite(site) {
      const definition = JSON.stringify(site)
      await db.insertInto('site').values({ site: site.site, definition })
        .onConflict((conflict) => conflict.column('site').doUpdateSet({ definition })).execute()
    },
    async findSite(site) {
      const row = await db.selectFrom('site').selectAll().where('site', '=', site).executeTakeFirst()
      return row && (JSON.parse(row.definition) as Site)
    },
    async listSites() {
      const rows = await db.selectFrom('site').selectAll().execute()
      // Sorted here, because databases disagree about the order of hyphens.
      return rows.sort((a, b) => (a.site < b.site ? -1 : 1)).map((row) => JSON.parse(row.definition) as Site)
    },

    async readHead(site) {
      const [row] = await run(db, 'head', [site], () => db.selectFrom('log')
        .leftJoin('checkpoint', (join) => join.onRef('checkpoint.site', '=', 'log.site').onRef('checkpoint.size', '=', 'log.size'))
        .leftJoin('leaf', (join) => join.onRef('leaf.site', '=', 'log.site').on((eb) => eb('leaf.index', '=', eb('log.size', '-', eb.lit(1)))))
        .select(['log.size', 'checkpoint.note', 'leaf.received_at']).where('log.site', '=', site))
      return { size: row?.size ?? 0, checkpoint: row?.note ?? null, lastReceivedAt: row?.received_at ?? null }
    },
    async readTiles(site, tiles) {
      const indicesByLevel = new Map<number, number[]>()
      for (const { level, index } of tiles) indicesByLevel.set(level, [...(indicesByLevel.get(level) ?? []), index])
      const levels = await Promise.all([...indicesByLevel].map(([level, indices]) => readLevel(site, level, indices)))
      const found = new Map(levels.flat())
      return tiles.map(({ level, index }) => found.get(`${level}/${index}`)?.slice())
    },
    async readLeaves(site, start, end) {
      const rows = await db.selectFrom('leaf')
        .leftJoin('event', (join) => join.onRef('event.site', '=', 'leaf.site').onRef('event.index', '=', 'leaf.index'))
        .leftJoin('notice', (join) => join.onRef('notice.site', '=', 'leaf.site').onRef('notice.index', '=', 'leaf.index'))
        .leftJoin('key', (join) => join.onRef('key.site', '=', 'leaf.site').onRef('key.index', '=', 'leaf.index'))
        .leftJoin('access', (join) => join.onRef('access.site', '=', 'leaf.site').onRef('access.index', '=', 'leaf.index'))
        .select([
          'leaf.index', 'leaf.type', 'leaf.text', 'leaf.hash', 'event.event_id', 'event.record_id', 'event.jws', 'event.notice_hash',
          'event.key_binding', 'notice.json', 'key.jwk', 'access.entry',
        ])
        .where('leaf.site', '=', site).where('leaf.index', '>=', start).where('leaf.index', '<', end).orderBy('leaf.index').execute()
      return rows.map(toLeaf)
    },
    findCheckpoint: (site, size) =>
      db.selectFrom('checkpoint').select(['note', 'root']).where('site', '=', site).where('size', '=', size).executeTakeFirst(),
    findFirstCheckpoint: (site, index) => db.selectFrom('checkpoint').select(['size', 'note'])
      .where('site', '=', site).where('size', '>', index).orderBy('size').limit(1).executeTakeFirst(),
    async append(batch) {
      checkAppend(batch)
      return db.transaction().execute(async (trx) => {
        if (!(await moveLog(run, trx, batch))) return false
        await writeLeaves(run, trx, batch)
        await writeTiles(run, trx, batch)
        await writeCheckpoint(run, trx, batch)
        await insertRows(run, trx, 'opt_in', batch.optIns.map(fromOptIn))
        await insertRows(run, trx, 'mail', batch.mails.map(fromMail))
        if (batch.erasure) await erase(trx, batch.site, batch.erasure)
        return true
      })
    },

    async addCosignature({ site, size, witness, line }) {
      await db.insertInto('cosignature').values({ site, size, witness, line }).onConflict((conflict) => conflict.doNothing()).execute()
    },
    async readCosignatures(site, size) {
      const rows = await db.selectFrom('cosignature').selectAll().where('site', '=', site).where('size', '=', size).execute()
      return rows.sort((a, b) => (a.witness < b.witness ? -1 : 1))
    },
    async findCosignedSize(site, atLeast) {
      const row = await db.selectFrom('cosignature').select('size').where('site', '=', site)
        .groupBy('size').having((eb) => eb.fn.countAll(), '>=', atLeast).orderBy('size', 'desc').limit(1).executeTakeFirst()
      return row?.size
    },
    async keepBuild(build, files) {
      await db.transaction().execute(async (trx) => {
        await trx.insertInto('build').values(build).onConflict((conflict) => conflict.doNothing()).execute()
        for (const file of files) await trx.insertInto('build_file').values(file).onConflict((conflict) => conflict.doNothing()).execute()
      })
    },
    findBuild: (build) => db.selectFrom('build').selectAll().where('build', '=', build).executeTakeFirst(),
    findBuildFile: (name) => db.selectFrom('build_file').selectAll().where('name', '=', name).executeTakeFirst(),

    async addStamp({ site, size, token, stampedAt }) {
      await db.insertInto('stamp').values({ site, size, token, stamped_at: stampedAt }).onConflict((conflict) => conflict.doNothing()).execute()
    },
    async findStamp(site, maxSize = Number.MAX_SAFE_INTEGER) {
      const row = await db.selectFrom('stamp').selectAll().where('site', '=', site).where('size', '<=', maxSize).orderBy('size', 'desc').limit(1).executeTakeFirst()
      return row && { site: row.site, size: row.size, token: row.token, stampedAt: row.stamped_at }
    },

    recallEvents: (site, asked) => recallEvents(run, db, site, asked),
    async findEvent(eventId) {
      const row = await selectEvents(db).where('event.event_id', '=', eventId).executeTakeFirst()
      return row && toEvent(row)
    },
    async findEventByHash(site, hash) {
      const row = await selectEvents(db).where('leaf.site', '=', site).where('leaf.hash', '=', hash).where('leaf.type', '=', 'event').executeTakeFirst()
      return row && toEvent(row)
    },
    async readRecord(site, recordId) {
      const rows = await selectEvents(db).where('event.record_id', '=', recordId).where('event.site', '=', site).orderBy('event.index').execute()
      return rows.map(toEvent)
    },
    async findRecordSite(recordId) {
      const row = await selectEvents(db).where('event.record_id', '=', recordId)
        .orderBy('leaf.received_at').orderBy('event.site').limit(1).executeTakeFirst()
      return row?.site
    },
    async findRecordStart(site, recordId) {
      const row = await selectEvents(db).where('event.record_id', '=', recordId).where('event.site', '=', site)
        .orderBy('event.index').limit(1).executeTakeFirst()
      return row && toEvent(row)
    },
    readKeys: (site) => run(db, 'keys', [site], () => db.selectFrom('key')
      .innerJoin('leaf', (join) => join.onRef('leaf.site', '=', 'key.site').onRef('leaf.index', '=', 'key.index'))
      .select(['leaf.index', 'leaf.hash', 'key.jwk']).where('key.site', '=', site).orderBy('key.index')),
    findErased: (eventId) => selectErased().where('erased.event_id_hash', '=', hashText(eventId)).executeTakeFirst(),
    readErased: (site, recordId) => selectErased()
      .where('erased.record_hash', '=', hashText(recordId)).where('erased.site', '=', site).orderBy('erased.index').execute(),
    async findErasureLeaf(site, hash) {
      const row = await db.selectFrom('leaf').select('index')
        .where('site', '=', site).where('hash', '=', hash).where('type', '=', 'erasure').limit(1).executeTakeFirst()
      return row?.index
    },
    scrub: () => scrub(db),
    findNotice: (site, hash) => db.selectFrom('leaf')
      .innerJoin('notice', (join) => join.onRef('notice.site', '=', 'leaf.site').onRef('notice.index', '=', 'leaf.index'))
      .select(['notice.json', 'leaf.index', 'leaf.text as leaf'])
      .where('leaf.site', '=', site).where('leaf.hash', '=', hash).orderBy('leaf.index').limit(1).executeTakeFirst(),

    async ensureContact(contact) {
      const known = await findContactByEmail(contact.site, contact.email)
      if (known) return known
      await db.insertInto('contact').values(fromContact(contact))
        .onConflict((conflict) => conflict.columns(['site', 'folded_email']).doNothing()).execute()
      return (await findContactByEmail(contact.site, contact.email))!
    },
    async findContact(id) {
      const row = await db.selectFrom('contact').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toContact(row)
    },
    findContactByEmail,
    async findContactByRecord(recordId) {
      const row = await db.selectFrom('contact').selectAll().where('record_id', '=', recordId).executeTakeFirst()
      return row && toContact(row)
    },
    async readOptIns(contactId) {
      const rows = await db.selectFrom('opt_in').selectAll()
        .where('contact_id', '=', contactId).orderBy('created_at').orderBy('event_hash').execute()
      return rows.map(toOptIn)
    },
    async confirmOptIns(contactId, confirmedAt) {
      await db.updateTable('opt_in').set({ confirmed_at: confirmedAt })
        .where('contact_id', '=', contactId).where('confirmed_at', 'is', null).execute()
    },

    async addLink(link) {
      await db.insertInto('link').values(fromLink(link)).execute()
    },
    async findLink(tokenHash) {
      const row = await db.selectFrom('link').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && toLink(row)
    },
    async revokeRequestedLinks(contactId, exceptTokenHash, revokedAt) {
      await db.updateTable('link').set({ revoked_at: revokedAt })
        .where('contact_id', '=', contactId).where('kind', '=', 'P').where('origin', '=', 'requested')
        .where('token_hash', '!=', exceptTokenHash).where('revoked_at', 'is', null).execute()
    },
    async addSession(session) {
      await db.insertInto('session').values(fromSession(session)).execute()
    },
    async findSession(hash) {
      const row = await db.selectFrom('session').selectAll()
        .where((eb) => eb.or([eb('cookie_hash', '=', hash), eb('handle_hash', '=', hash)])).executeTakeFirst()
      return row && toSession(row)
    },
    async deleteSessions(expiredBefore) {
      await db.deleteFrom('session').where('expires_at', '<', expiredBefore).execute()
    },

    async queueMail(mail) {
      await db.insertInto('mail').values(fromMail(mail)).execute()
    },
    async leaseMails(now, leaseUntil, limit) {
      // One statement: where two processes pick the same mail, the second finds it leased and leaves it.
      const due = db.selectFrom('mail').select('id').where('due_at', '<=', now).where('stuck', 'is', null)
        .where((free) => free.or([free('leased_until', 'is', null), free('leased_until', '<=', now)]))
        .orderBy('due_at').orderBy('created_at').orderBy('id').limit(limit)
      const rows = await db.with('due', () => skipLocked(db, due)).updateTable('mail').set({ leased_until: leaseUntil })
        .where('id', 'in', (eb) => eb.selectFrom('due').select('id'))
        .where((free) => free.or([free('leased_until', 'is', null), free('leased_until', '<=', now)]))
        .returningAll().execute()
      return rows.map(toMail).sort(compareMails)
    },
    async deleteMail(id) {
      await db.deleteFrom('mail').where('id', '=', id).execute()
    },
    async postponeMail(id, dueAt) {
      await db.updateTable('mail').set((eb) => ({ due_at: dueAt, leased_until: null, handing_over_at: null, attempts: eb('attempts', '+', 1) }))
        .where('id', '=', id).execute()
    },

    close: () => db.destroy(),
  }
}
