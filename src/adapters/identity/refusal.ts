// What is wrong with the answer of a provider: for the person who stands there in words that tell nothing,
// for the log and for admins in words that help to put it right. No token and no code is in either.

import * as client from 'openid-client'
import { AppError } from '#kernel/error.ts'
import { adviceOn } from './advice.ts'

const AGAIN =
  'The answer of your provider was not accepted. Begin again; if it comes back, tell an admin.'

/** `advice` is for the admin who tests: what to do about it. */
export function refusal(why: string, message = AGAIN, advice?: string): AppError {
  return new AppError('unauthenticated', message, { details: { why, advice } })
}

/** What our own checks and the outbound client threw stays as it is. */
export function asRefusal(error: unknown): AppError {
  const own = ownOf(error)
  if (own) return own
  if (error instanceof client.AuthorizationResponseError) {
    const { error: code, error_description: description } = error
    const word = /^[\w-]{1,60}$/.test(code) ? code : 'an error'
    const more = description === undefined ? '' : `: ${description.slice(0, 300)}`
    return refusal(
      `the provider answered ${word}${more}`,
      `Your provider did not let you in (${word}).`,
      adviceOn(error),
    )
  }
  if (isWrongClient(error)) {
    return refusal('the provider does not take our client id and secret', AGAIN, adviceOn(error))
  }
  if (error instanceof client.ResponseBodyError) {
    const { error: code, error_description: description = '', status } = error
    return refusal(
      `the provider refused the code (${status} ${code.slice(0, 60)}) ${description.slice(0, 300)}`.trim(),
      AGAIN,
      adviceOn(error),
    )
  }
  if (error instanceof Error) return refusal(describe(error), AGAIN, adviceOn(error))
  return refusal('the answer cannot be read')
}

/** The provider does not know us by our id and secret (RFC 6749, 5.2). */
export function isWrongClient(error: unknown): boolean {
  // By a header where the secret came in one.
  if (error instanceof client.WWWAuthenticateChallengeError) return true
  return error instanceof client.ResponseBodyError && error.error === 'invalid_client'
}

// The library wraps what its fetch threw.
function ownOf(error: unknown): AppError | undefined {
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 4; depth++) {
    if (one instanceof AppError) return one
    one = one.cause
  }
  return undefined
}

function describe(error: Error): string {
  const { cause } = error
  const claim =
    typeof cause === 'object' && cause !== null && 'claim' in cause ? String(cause.claim) : ''
  const inner = cause instanceof Error ? `: ${cause.message}` : ''
  const at = claim === '' ? '' : ` (${claim})`
  return `${error.message}${inner}${at}`.slice(0, 300)
}
