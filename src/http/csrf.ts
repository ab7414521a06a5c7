// Refuses a write that another site started in a signed-in person's browser. The browser itself says
// where a request comes from (Sec-Fetch-Site, which no page can set); one too old to say must send an
// Origin that is ours. Neither: refused, because a cookie alone proves nothing.

import type { HttpContext } from './env.ts'
import { RequestRefusal } from './error.ts'

export interface OriginRules {
  /** Our own origins. */
  readonly own: ReadonlySet<string>
  /** Origins of the same site that may write as well. */
  readonly trusted: ReadonlySet<string>
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Throws 403 for a write that did not start here. Safe methods pass: they change nothing. */
export function refuseForeignWrite(c: HttpContext, rules: OriginRules): void {
  if (SAFE_METHODS.has(c.req.method)) return
  const site = c.req.header('Sec-Fetch-Site')
  const origin = c.req.header('Origin')
  if (isOwnWrite(site, origin, rules)) return
  throw new RequestRefusal(
    403,
    'forbidden',
    'Refused: this was not sent from a page of this server.',
  )
}

/** Throws 403 for a page of another site, whatever it sends: programs name no origin. */
export function refuseForeignOrigin(c: HttpContext, { own, trusted }: OriginRules): void {
  const origin = c.req.header('Origin')
  if (origin === undefined || own.has(origin) || trusted.has(origin)) return
  throw new RequestRefusal(403, 'forbidden', 'Refused: this was sent from a page of another site.')
}

function isOwnWrite(
  site: string | undefined,
  origin: string | undefined,
  rules: OriginRules,
): boolean {
  if (site === undefined) return origin !== undefined && rules.own.has(origin)
  if (site === 'same-origin' || site === 'none') return true
  return site === 'same-site' && origin !== undefined && rules.trusted.has(origin)
}
