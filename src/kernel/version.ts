// What somebody saw before they decided on a change. The act compares it with what is there, inside its
// own transaction: of two who saw the same and both change it, the second is told.

import { AppError } from './error.ts'

/** The versions a change may be made over; `any` for whoever looks at none. */
export type ExpectedVersion = 'any' | ReadonlySet<string>

/** Throws `stale`. Call it on a row that was read in the transaction that changes it. */
export function requireVersion(expected: ExpectedVersion, current: string): void {
  if (expected === 'any' || expected.has(current)) return
  throw new AppError('stale', 'Somebody changed this meanwhile. Look again, then decide.')
}
