// Columns in one temporary folder, so that an audit of any length needs little memory. Not durable, not shared.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Column, CreateColumn } from '../../core/column.ts'

const BUFFER_BYTES = 64 * 1024

interface FileColumn extends Column {
  close(): void
}

function openColumn(path: string): FileColumn {
  const file = openSync(path, 'wx+', 0o600)
  // Where a file may lose its name while it is open, nothing is left behind even by a process that is killed.
  if (process.platform !== 'win32') unlinkSync(path)
  const buffer = new Uint8Array(BUFFER_BYTES)
  let written = 0
  let buffered = 0

  function write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, written + at)
    written += bytes.length
  }

  return {
    get length() {
      return written + buffered
    },
    append(bytes) {
      if (buffered + bytes.length > BUFFER_BYTES) {
        write(buffer.subarray(0, buffered))
        buffered = 0
      }
      if (bytes.length > BUFFER_BYTES) return write(bytes)
      buffer.set(bytes, buffered)
      buffered += bytes.length
    },
    read(offset, length) {
      const bytes = new Uint8Array(length)
      const inFile = Math.min(Math.max(written - offset, 0), length)
      for (let at = 0; at < inFile;) {
        const count = readSync(file, bytes, at, inFile - at, offset + at)
        if (count === 0) throw new Error(`${path} is shorter than what was written to it`)
        at += count
      }
      if (inFile < length) bytes.set(buffer.subarray(offset + inFile - written, offset + length - written), inFile)
      return bytes
    },
    close: () => closeSync(file),
  }
}

/** Columns in files; `close` removes them. */
export function createColumnFolder(): { createColumn: CreateColumn; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-audit-'))
  const columns: FileColumn[] = []
  return {
    createColumn() {
      const column = openColumn(join(folder, String(columns.length)))
      columns.push(column)
      return column
    },
    close() {
      for (const column of columns) column.close()
      rmSync(folder, { recursive: true })
    },
  }
}
