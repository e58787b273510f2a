// A refusal: input that is turned away, with the field at fault. It is the one error that boundaries
// (HTTP, command line, verifier) turn into a clear answer; anything else that is thrown is a defect.

/** One thing that is wrong: a JSON pointer (RFC 6901), a stable code, and a sentence for a person. */
export interface FieldError {
  pointer: string
  code: string
  detail: string
}

/** Thrown where input is turned away; carries every error that was found. */
export class Refusal extends Error {
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[]) {
    super(errors.map((error) => `${error.pointer || '/'}: ${error.detail}`).join('; '))
    this.name = 'Refusal'
    this.errors = errors
  }

  /** The code of the first error. */
  get code(): string {
    return this.errors[0]?.code ?? 'invalid'
  }
}

/** Turns input away for one reason. */
export function refuse(pointer: string, code: string, detail: string): never {
  throw new Refusal([{ pointer, code, detail }])
}

/** One segment of a JSON pointer, escaped (RFC 6901 section 3). */
export function pointerSegment(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
