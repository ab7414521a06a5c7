// What every component of one answer may know without being handed it: the nonce, where static files
// are, and the time. Opened by http/respond.tsx around a page or fragment, read by parts.

import { createContext, useContext } from 'hono/jsx'
import { assert } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'

export interface Answer {
  /** Of this answer's Content-Security-Policy; fresh for each answer. */
  readonly nonce: string
  /** The instant of the request: "6 min ago" counts from here. */
  readonly now: Instant
  /** The address of a static file, with its digest in it. */
  readonly asset: (name: string) => string
}

const AnswerContext = createContext<Answer | null>(null)
export const AnswerProvider = AnswerContext.Provider

/** Only inside a component that is rendered by page() or fragment(). */
export function useAnswer(): Answer {
  const answer = useContext(AnswerContext)
  assert(answer !== null, 'a component was rendered outside page() and fragment()')
  return answer
}
