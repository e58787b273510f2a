// A thread that is asked and answers, in the order in which it was asked. A failure of its own fails what it has in hand, and ends it.
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** A running thread. */
export interface Thread<Question, Answer> {
  /** Rejects where the thread has ended, or ends before it has answered. */
  ask(question: Question): Promise<Answer>
  /** Questions that have no answer yet. */
  readonly open: number
  readonly hasEnded: boolean
  /** Ends it, whatever it has in hand. */
  terminate(): Promise<unknown>
  /** Resolves when it has ended by itself. */
  readonly exit: Promise<void>
}

/** Starts the thread of this name, whose file lies beside this one, built or not. It answers each message with one. */
export function startThread<Question, Answer>(name: string, options: WorkerOptions = {}): Thread<Question, Answer> {
  const worker = new Worker(new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url), options)
  const waiting: PromiseWithResolvers<Answer>[] = []
  let failure: unknown
  const end = (error: unknown) => {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(failure)
  }
  worker.on('message', (answer: Answer) => waiting.shift()!.resolve(answer))
  worker.once('error', end)
  const exit = new Promise<void>((resolve) => worker.once('exit', () => {
    end(new Error(`The thread ${name} has ended.`))
    resolve()
  }))

  return {
    async ask(question) {
      if (failure !== undefined) throw failure
      const answer = Promise.withResolvers<Answer>()
      waiting.push(answer)
      worker.postMessage(question)
      return answer.promise
    },
    get open() {
      return waiting.length
    },
    get hasEnded() {
      return failure !== undefined
    },
    terminate: () => worker.terminate(),
    exit,
  }
}

/** Threads of one kind, of which the one with least in hand is asked next. */
export interface Threads<Question, Answer> {
  ask(question: Question): Promise<Answer>
  /** Ends them, whatever they have in hand. */
  close(): Promise<void>
  /** Resolves when all have ended by themselves. */
  waitForEnd(): Promise<void>
}

/** Starts so many. One that has ended is replaced when there is something to ask, and not again and again where none can be started. */
export function startThreads<Question, Answer>(count: number, name: string, options?: WorkerOptions): Threads<Question, Answer> {
  const threads = Array.from({ length: count }, () => startThread<Question, Answer>(name, options))
  return {
    ask(question) {
      for (const [i, { hasEnded }] of threads.entries()) if (hasEnded) threads[i] = startThread(name, options)
      return threads.reduce((least, other) => (other.open < least.open ? other : least)).ask(question)
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()))
    },
    async waitForEnd() {
      await Promise.all(threads.map(({ exit }) => exit))
    },
  }
}
