#!/usr/bin/env node
// The `sayso` command, and the only file that knows the process: arguments, environment, signals, exit codes.
import { Refusal } from '../core/refusal.ts'
import { type Command, describeRefusal, type Io, UsageError } from './cli/command.ts'
import { listSettings } from './cli/settings.ts'

/** Each is loaded when it is called: whoever checks a file need not wait for the service to be read. */
const commands: Record<string, () => Promise<Command>> = {
  serve: async () => (await import('./cli/serve.ts')).serve,
  demo: async () => (await import('./cli/demo.ts')).createDemoCommand((await import('../demo/server.ts')).createDemo),
  'site publish': async () => (await import('./cli/site-publish.ts')).publishSiteFile,
  'site services': async () => (await import('./cli/site-services.ts')).listSiteServices,
  'contacts import': async () => (await import('./cli/contacts.ts')).importContactList,
  'contacts export': async () => (await import('./cli/contacts.ts')).exportContacts,
  'contacts suppress': async () => (await import('./cli/contacts.ts')).suppressAddresses,
  mailing: async () => (await import('./cli/mailing.ts')).listMailings,
  'mailing start': async () => (await import('./cli/mailing.ts')).startMailing,
  'mailing stop': async () => (await import('./cli/mailing.ts')).stopMailing,
  'mailing resume': async () => (await import('./cli/mailing.ts')).resumeMailing,
  backup: async () => (await import('./cli/backup.ts')).backUp,
  restore: async () => (await import('./cli/backup.ts')).restore,
  'database move': async () => (await import('./cli/database.ts')).moveDatabase,
  export: async () => (await import('./cli/export.ts')).exportLog,
  erase: async () => (await import('./cli/erase.ts')).erase,
  key: async () => (await import('./cli/key.ts')).printKeys,
  'key new': async () => (await import('./cli/key.ts')).printNewKey,
  'key rotate': async () => (await import('./cli/key.ts')).rotateKey,
  token: async () => (await import('./cli/token.ts')).listTokens,
  'token new': async () => (await import('./cli/token.ts')).makeToken,
  'token revoke': async () => (await import('./cli/token.ts')).revokeToken,
  verify: async () => (await import('./cli/verify.ts')).verifyFile,
  witness: async () => (await import('./cli/witness.ts')).runWitness,
}

const usage = `sayso serve [--limits FILE] [--quiet] [--accept-older]
                                                the consent service
sayso demo                                      service, shop and mailbox
sayso site publish FILE                         puts a site and its notices in force
sayso site services [FILE [--purposes]]        the services that Sayso knows; what a site's notices lack of its own, or purposes that say it
sayso key --site S [--accesses]                 the keys that check the site's log, or that of the accesses to it
sayso key rotate --site S [--kind log|events]   a new key, logged; old ones still check what they signed
sayso key new --kind log|events|suppression     a private key for SAYSO_KEYS
sayso token                                     tokens for the operators' routes beside SAYSO_ADMIN_TOKEN
sayso token new --name N --scopes A,B (--site S | --all-sites) [--days 90]
sayso token revoke ID
sayso export --site S [--record ID | --accesses] [--cosigned N] [--format jsonld] [--out F]
                                                everything an auditor needs, in one file; as
                                                jsonld a record in the terms of ISO/IEC TS 27560;
                                                or who read and took out what
sayso contacts import FILE --site S [--dry-run] [--purposes A,B] [--source WORDS] [--no-ask]
                                                a CSV file into the running service, line by line
sayso contacts export --site S                  the contacts as CSV
sayso contacts suppress FILE --site S           addresses, or their SHA-256 or MD5, that nobody may write to
sayso mailing --site S [--watch]                how far the mailings to the whole list are
sayso mailing start --site S --kind ask|link --per-hour N [--watch]
sayso mailing stop|resume ID --site S           stops one, or goes on where it was
sayso backup --out DIR [--with-keys] [--unrecorded]
                                                everything as it is now, while the service runs
sayso restore DIR [--latest FILE] [--accept-older]
                                                puts a backup in place; refuses one that would fork a log
sayso database move [--unrecorded]              from SQLite in SAYSO_DATA to SAYSO_DATABASE_URL; logs keep their roots
sayso erase --site S --record ID                erases a record; its leaves stay, and say so
sayso erase --site S --contact EMAIL            the same, with everything kept about a person
sayso verify FILE --key VKEY [--policy F] [--checkpoint F] [--json]
                                                checks an export or a receipt offline
sayso witness --name NAME --log VKEY …          cosigns the checkpoints of other people's logs

Settings, from the environment; those with [_FILE] are secret, and SAYSO_…_FILE names a file that has one:
${listSettings()}
docs/settings.md says what each is for.
`

/** Runs the command that the arguments name. Exit code 0: done, 1: refused or failed, 2: called wrongly. */
export async function run(args: string[], io: Io): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    io.out(usage)
    return 0
  }
  const name = [args.slice(0, 2).join(' '), args[0] ?? ''].find((candidate) => Object.hasOwn(commands, candidate))
  try {
    if (name === undefined) throw new UsageError(args.length === 0 ? 'Name a command.' : `There is no command “${args[0]}”.`)
    const command = await commands[name]!()
    return await command(args.slice(name.split(' ').length), io)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const isMisuse = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true
    if (isMisuse) io.err(`${(error as Error).message}\n\n${usage}`)
    else if (error instanceof Refusal) io.err(describeRefusal(error))
    else if (code === 'EADDRINUSE') io.err(`${(error as Error).message}: set SAYSO_PORT, SAYSO_DEMO_PORT or SAYSO_METRICS_PORT to a free port.\n`)
    else if (code === 'EADDRNOTAVAIL') io.err(`${(error as Error).message}: set SAYSO_HOST to an address of this machine.\n`)
    else io.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return isMisuse ? 2 : 1
  }
}

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
function untilAskedToEnd(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}

if (import.meta.main) {
  // Not awaited here: a command that shares modules with this file could then not be loaded before it is done.
  void run(process.argv.slice(2), {
    env: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isWatched: process.stderr.isTTY === true,
    isOutWatched: process.stdout.isTTY === true,
    signal: untilAskedToEnd(),
  }).then((code) => {
    process.exitCode = code
  })
}
