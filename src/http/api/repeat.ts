// `Idempotency-Key`: a write that is sent again with the same key is answered again and not done again.

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { KeptAnswer, Once } from '#platform/idempotency/once.ts'
import type { HttpContext } from '#http/env.ts'

export type Repeats = Pick<Once, 'run'>

interface RepeatableCall {
  readonly house: House
  readonly caller: Caller
  readonly c: HttpContext
}

/** Throws `invalid` for a key that is none, or that came with another request. */
export async function answerOnce(
  { house, caller, c }: RepeatableCall,
  repeats: Repeats,
  isWrite: boolean,
  act: (house: House) => Promise<KeptAnswer>,
): Promise<Response> {
  const key = c.req.header('Idempotency-Key')
  if (key === undefined || !isWrite) return send(c, await act(house))
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError('invalid', 'An Idempotency-Key is 1 to 255 visible ASCII characters.')
  }
  // Off the event loop: an archive takes some 50 ms.
  const body = Buffer.from(await crypto.subtle.digest('SHA-256', await c.req.arrayBuffer()))
  const { pathname, search } = new URL(c.req.url) // whatever name the server is reached by
  const over = c.req.header('If-Match') ?? ''
  const digest = sha256Hex(`${c.req.method} ${pathname}${search} ${over} ${body.toString('hex')}`)
  const { answer, isRepeat } = await repeats.run(house, caller, { key, digest }, act)
  if (isRepeat) c.header('Idempotency-Replayed', 'true')
  return send(c, answer)
}

function send(c: HttpContext, { status, headers, body }: KeptAnswer): Response {
  if (body === '') return c.body(null, status as 204, headers)
  const type = { 'Content-Type': 'application/json' }
  return c.body(body, status as ContentfulStatusCode, { ...type, ...headers })
}
