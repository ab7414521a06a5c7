// How a program comes in: `Authorization: Bearer rw_pat_…`, and nothing else. A browser sends cookies
// by itself and this header never, so what carries a cookie is judged as a browser and gets no further.

import { judgeTokenText } from '#domain/access/token.ts'
import type { Tokens } from '#domain/access/tokens.ts'
import { AppError } from '#kernel/error.ts'
import { isWithin } from './client.ts'
import { tokenCaller } from './caller.ts'
import { sendsSessionCookie } from './cookie.ts'
import { refuseForeignOrigin, refuseForeignWrite, type OriginRules } from './csrf.ts'
import type { HttpContext } from './env.ts'
import type { RateLimit } from './rate.ts'

export interface BearerParts {
  readonly tokens: Tokens
  readonly origins: OriginRules
  readonly perToken: RateLimit
  readonly perWorkspace: RateLimit
}

const KINDS = { api: 'pat', mcp: 'mcp' } as const

/**
 * Sets holder and caller. Throws `unauthenticated` with the same words whatever is wrong with a
 * token, `forbidden` for a cookie that another site sends, `rate_limited`. What becomes of a genuine
 * token that opens nothing any more is an entry of the log of its workspace.
 */
export async function admitToken(
  c: HttpContext,
  door: keyof typeof KINDS,
  { tokens, origins, perToken, perWorkspace }: BearerParts,
): Promise<void> {
  if (sendsSessionCookie(c)) {
    refuseForeignWrite(c, origins)
    throw new AppError('unauthenticated', 'Send a bearer token, and no cookie with it.')
  }
  if (door === 'mcp') refuseForeignOrigin(c, origins)
  const text = readBearer(c)
  if (text === undefined) {
    throw new AppError('unauthenticated', `Send a token: Authorization: Bearer rw_${KINDS[door]}_…`)
  }
  const { ip } = c.var.client
  const found = await tokens.find(text, (networks) => isWithin(ip, networks))
  if (!found) throw judgeTokenText(text) === 'damaged' ? damagedToken() : unknownToken()
  if (found.kind === 'dead') {
    c.set('deadToken', found)
    throw unknownToken()
  }
  const { holder } = found
  if (holder.token.kind !== KINDS[door]) throw unknownToken()
  c.set('holder', holder)
  c.set('isHolderLive', () => tokens.isLive(holder.token))
  c.set('caller', tokenCaller(c, holder)) // before the limits: whoever exceeds them is in the log
  brakeHolder(c, [
    [perToken, holder.token.id],
    [perWorkspace, holder.token.workspaceId],
  ])
}

/** Undefined when absent or in another scheme (RFC 6750, section 2.1). */
function readBearer(c: HttpContext): string | undefined {
  return /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '')?.[1]
}

function unknownToken(): AppError {
  return new AppError('unauthenticated', 'This token opens nothing here. Make another one.')
}

// Says nothing about what there is: anybody can reckon the checksum.
function damagedToken(): AppError {
  return new AppError(
    'unauthenticated',
    'This looks like a token, but its checksum is wrong: was it cut when it was copied?',
  )
}

// The headers tell of the token's own bucket, unless the workspace's is nearer to its end.
function brakeHolder(c: HttpContext, limits: readonly (readonly [RateLimit, string])[]): void {
  const verdicts = limits.map(([limit, key]) => ({ limit, ...limit.take(key) }))
  const tightest = verdicts.reduce((a, b) => (b.remaining < a.remaining ? b : a))
  const waitMs = Math.max(...verdicts.map((verdict) => verdict.waitMs))
  const waitSeconds = Math.ceil(waitMs / 1_000)
  c.header('RateLimit-Limit', String(tightest.limit.burst))
  c.header('RateLimit-Remaining', String(tightest.remaining))
  c.header('RateLimit-Reset', String(waitSeconds))
  if (verdicts.every((verdict) => verdict.isAllowed)) return
  throw new AppError('rate_limited', 'Too many requests. Wait a moment, then go on.', {
    retryAfterSeconds: Math.max(1, waitSeconds),
  })
}
