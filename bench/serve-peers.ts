// Serves the peers' pages and, from an origin of its own, their files: by the code that serves Sayso, compressor
// included, and in a process of its own as Sayso's service is. Run as a file it does so, and tells its parent where.
import { type ChildProcess, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { createCompressor } from '../server/node/compress.ts'
import { listen } from '../server/node/http.ts'

const here = import.meta.dirname
const TYPES: Record<string, string> = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json' }

/** Where the peers' pages are, and how to end their server. */
export interface ServedPeers {
  pagesUrl: string
  stop(): void
}

/** Starts the process; `builtDir` holds what was bundled. */
export function servePeers(builtDir: string): Promise<ServedPeers> {
  const child = fork(import.meta.filename, [builtDir])
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The peers' server ended with exit code ${code}.`)))
    child.once('message', (pagesUrl) => resolve({ pagesUrl: String(pagesUrl), stop: () => end(child) }))
  })
}

function end(child: ChildProcess): void {
  child.removeAllListeners('exit')
  child.kill('SIGTERM')
}

async function serve(builtDir: string): Promise<string> {
  const compress = createCompressor()
  const kept = new Map<string, Promise<string>>()
  const read = (path: string) => kept.get(path) ?? kept.set(path, readFile(path, 'utf8')).get(path)!

  const files = await listen(0, async (request) => compress(request, await answer(request, async (path) => {
    const [, folder, ...rest] = normalize(path).split('/')
    if (folder === 'npm') return read(join(here, 'node_modules', ...rest))
    return read(folder === 'built' ? join(builtDir, ...rest) : join(here, 'peers', folder!, ...rest))
  })))
  const pages = await listen(0, (request) => answerPage(request, files.port))
  return `http://localhost:${pages.port}`

  async function answerPage(request: Request, filesPort: number): Promise<Response> {
    const path = join(here, 'peers', normalize(new URL(request.url).pathname), 'page.html')
    const page = await read(path).catch(() => undefined)
    if (page === undefined) return new Response('There is no such page.\n', { status: 404 })
    return new Response(page.replaceAll('{{files}}', `http://localhost:${filesPort}`), {
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    })
  }
}

/** A file as any origin may have it; probo's back end, which is asked for a configuration and told decisions, is two of them. */
async function answer(request: Request, readPath: (path: string) => Promise<string>): Promise<Response> {
  const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers })
  const { pathname } = new URL(request.url)
  if (request.method === 'POST' && pathname === '/probo/shop/consents') {
    return Response.json({ id: 'one', ...await request.json() as object, created_at: new Date().toISOString() }, { status: 201, headers })
  }
  const path = pathname === '/probo/shop/config' ? '/probo/answers.json' : pathname
  const body = await readPath(path).catch(() => undefined)
  if (body === undefined) return new Response('There is no such file.\n', { status: 404, headers })
  const type = TYPES[extname(path)] ?? 'application/octet-stream'
  return new Response(body, { headers: { ...headers, 'content-type': type, 'cache-control': 'public, max-age=600', etag: `"${path}"` } })
}

if (import.meta.main) {
  process.once('disconnect', () => process.exit())
  process.send!(await serve(process.argv[2]!))
}
