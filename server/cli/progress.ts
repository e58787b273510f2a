// A bar on the terminal for work that takes a while. It draws only when somebody watches, and cleans up after itself.
import type { Io } from './command.ts'

const BAR_WIDTH = 30
const SHORT_BYTES = 1024 * 1024

/** Shows how much of `totalBytes` is done; draws nothing for a short file, or one whose length is not known. */
export function createProgress({ err, isWatched }: Pick<Io, 'err' | 'isWatched'>, totalBytes: number | undefined): { advance(bytes: number): void; end(): void } {
  if (!isWatched || totalBytes === undefined || totalBytes < SHORT_BYTES) return { advance() {}, end() {} }
  let [doneBytes, shownPercent] = [0, -1]
  return {
    advance(bytes) {
      doneBytes += bytes
      const percent = Math.min(100, Math.floor((doneBytes / totalBytes) * 100))
      if (percent === shownPercent) return
      shownPercent = percent
      const filled = Math.round((percent / 100) * BAR_WIDTH)
      err(`\r[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${String(percent).padStart(3)} %`)
    },
    end: () => err('\r\u001b[K'),
  }
}
