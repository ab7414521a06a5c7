// The refusals of the house: a closed set of codes, one class, and `assert` for what must hold.
// A door maps codes outward (HTTP status, exit code); nobody else knows statuses. `message` is for
// the person who can act and never carries secrets, SQL or a target's answer: those go to `cause`.

export const ERROR_CODES = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'stale',
  'too_large',
  'rate_limited',
  'unsupported',
  'busy',
  'storage_full',
  'upstream',
  'timeout',
  'cancelled',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export interface ErrorOptions {
  readonly cause?: unknown
  /** Safe to show and to log: field names, counts, ids of the caller's own workspace. */
  readonly details?: Readonly<Record<string, unknown>>
  /** When a retry makes sense, in whole seconds; doors turn it into Retry-After. */
  readonly retryAfterSeconds?: number
}

/** A refusal or failure that a person or program can act on. Anything else that flies is a bug. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** A broken promise of our own code. Never caught on purpose; shown as "Something went wrong". */
export class Bug extends Error {
  override readonly name = 'Bug'
}

/** States what must hold if our code is right. Throws `Bug`, never an answer to a person. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message)
}

/** The default of an exhaustive `switch`: the compiler refuses a case that was forgotten. */
export function unreachable(value: never): never {
  throw new Bug(`no case for ${JSON.stringify(value)}`)
}

/** One answer for a row of another workspace and for a row that does not exist (DOMAIN 9). */
export function forbidden(details: ErrorOptions['details'] = {}): AppError {
  return new AppError('forbidden', 'You may not do this, or it does not exist here.', { details })
}
