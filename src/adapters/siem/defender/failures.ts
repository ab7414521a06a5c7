// What a refusal of Microsoft Graph means for Defender, where it means more than its status. What Graph
// says itself stays beside as a problem where it is about a query, a rule or a permission.

import { causeOf, type VendorError } from '#adapters/siem/microsoft/failures.ts'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import type { OutboundReply } from '#platform/outbound-client.ts'

const TOO_LARGE = /exceeded the allowed result size/i
const QUOTA = /processing resources|\bcpu\b|running time/i

/** Undefined for what its status says well enough. `what` is what was asked: "the search". */
export function refusalOf(
  what: string,
  status: number,
  errors: readonly VendorError[],
  headers: OutboundReply['headers'],
): AppError | undefined {
  const said = causeOf(errors)?.message ?? ''
  const cause = new Error(`${status}: ${said}`)
  const refuse = (code: ErrorCode, message: string, isTold: boolean) =>
    new AppError(code, message, {
      cause,
      ...(isTold && said !== '' && { details: { problems: [problemOf(said)] } }),
    })
  switch (status) {
    case 400:
      if (!TOO_LARGE.test(said)) return refuse('invalid', `Defender refuses ${what}.`, true)
      return refuse(
        'too_large',
        `The answer is larger than Defender gives at once (50 MB): ${what}. Ask for a shorter time, or for fewer columns.`,
        false,
      )
    case 401:
      return refuse(
        'unauthenticated',
        'Defender does not know this credential, or it has expired.',
        false,
      )
    case 403:
      return refuse(
        'forbidden',
        `The app lacks a permission of Microsoft Graph for this, or an admin’s consent to it: ${what}.`,
        true,
      )
    case 409:
      return refuse('conflict', `Defender has one of this name already: ${what}.`, true)
    case 429:
      return tooMany(said, headers, cause)
    default:
      return undefined
  }
}

function tooMany(said: string, headers: OutboundReply['headers'], cause: Error): AppError {
  const seconds = Number(headers['retry-after'])
  const message = QUOTA.test(said)
    ? 'The processing time that Defender gives this tenant is used up for now; what people ask in its portal counts, too.'
    : 'Defender asks for fewer queries: it takes some 45 a minute of a tenant.'
  return new AppError('rate_limited', message, {
    cause,
    ...(Number.isFinite(seconds) && { retryAfterSeconds: Math.ceil(seconds) }),
  })
}

/** Graph says the place within its sentence: `[line,column]`. */
function problemOf(message: string): Problem {
  const [, line, column] = /\[(\d+),\s*(\d+)\]/.exec(message) ?? []
  const at = line === undefined ? null : { line: Number(line), column: Number(column) }
  const span = at && { ...at, endLine: at.line, endColumn: at.column + 1 }
  return { code: 'defender/refused', severity: 'error', message, ...span }
}
