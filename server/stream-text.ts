// Text that is written while it is sent.

/** The answer. Nothing is asked of `pieces` before somebody reads: until then it may still be taken back. */
export function streamText(pieces: AsyncGenerator<string>, headers: Record<string, string>): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: () => void pieces.return(undefined),
  }, { highWaterMark: 0 })
  return new Response(body, { headers })
}
