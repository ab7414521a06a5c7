// `/account/prove`: a fresh proof of who it is, by whatever they have. It makes the session's secret a
// new one, so that whoever had the old one cannot do what comes next.

import { z } from 'zod'
import type { Attempt } from '#domain/access/attempts.ts'
import type { ChallengeUse } from '#domain/access/challenge.ts'
import { listPasskeys, provePasskey } from '#domain/access/passkeys.ts'
import { CREDENTIAL_CHARACTERS_MAX, requestOptions } from '#domain/access/webauthn.ts'
import { proveAgain } from '#domain/access/arrival.ts'
import { findActiveUser, proveCode, provePassword } from '#domain/access/prove.ts'
import { listConnections } from '#domain/identity/connecting.ts'
import { findSecondFactors } from '#domain/access/factors.ts'
import type { Factor } from '#domain/access/session.ts'
import { AppError } from '#kernel/error.ts'
import { ProvePage, type ProveShown } from '#views/access/prove-page.tsx'
import { visitorCaller, visitorOf } from '#http/caller.ts'
import { setCookie } from '#http/cookie.ts'
import type { HttpContext } from '#http/env.ts'
import { readForm } from '#http/input.ts'
import { safeNext } from '#http/next.ts'
import { gatePage, goTo } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'
import { relyingPartyOf } from '#http/passkeys.ts'
import { waitOf, type SignInParts } from '#http/sign-in.ts'

export function proveRoutes(parts: SignInParts): readonly Route[] {
  return [
    pageRoute('GET', '/account/prove', 'signed-in', (c) =>
      show(c, nextOf(c.req.query('next')), {}),
    ),
    pageRoute('POST', '/account/prove', 'signed-in', (c) => prove(c, parts)),
    pageRoute('GET', '/account/prove/passkey', 'signed-in', (c) => challenge(c, parts)),
  ]
}

const nextOf = (text: string | undefined) => safeNext(text) ?? '/account'

const ProveForm = z.strictObject({
  password: z.string().max(4_096).optional(),
  code: z.string().max(200).optional(),
  credential: z.string().max(CREDENTIAL_CHARACTERS_MAX).optional(),
  email: z.string().max(1_000).optional(), // for password managers; who it is, is known
  next: z.string().max(4_000).optional(),
})

async function prove(c: HttpContext, parts: SignInParts): Promise<Response> {
  const form = await readForm(c, ProveForm)
  const next = nextOf(form.next)
  try {
    const proved = await proveAny(c, form, parts)
    if (!proved) return await show(c, next, { status: 401, problem: 'That is not right.' })
    const { house, session } = c.var
    const caller = visitorCaller(c, session!.userId)
    setCookie(c, 'session', await proveAgain(house, parts.sessions, caller, session!, proved))
    return goTo(c, next)
  } catch (error) {
    const { status, message: problem } = waitOf(c, error)
    return show(c, next, { status, problem })
  }
}

async function challenge(c: HttpContext, { challenges }: SignInParts): Promise<Response> {
  const { house, session } = c.var
  const caller = visitorCaller(c, session!.userId)
  const known = await listPasskeys(house, caller, session!.userId)
  const made = challenges.make(caller.now, useOf(c))
  return c.json(requestOptions(relyingPartyOf(c), made, known))
}

const useOf = (c: HttpContext): ChallengeUse => ({ purpose: 'prove', boundTo: c.var.session!.id })

interface Proved {
  readonly factor: Factor
  readonly attempt?: Attempt
}

async function proveAny(
  c: HttpContext,
  { password, code, credential }: z.infer<typeof ProveForm>,
  { challenges }: SignInParts,
): Promise<Proved | undefined> {
  const { house, session } = c.var
  const caller = visitorCaller(c, session!.userId)
  if (credential !== undefined) {
    const given = { rp: relyingPartyOf(c), credential, use: useOf(c) }
    const owner = await provePasskey(house, challenges, caller, given)
    return owner?.id === session!.userId ? { factor: 'passkey' } : undefined
  }
  const user = await findActiveUser(house, caller, session!.userId)
  if (!user) throw new AppError('unauthenticated', 'Sign in to go on.')
  if (code !== undefined) return proveCode(house, caller, visitorOf(c), { user, code })
  const given = { email: user.email ?? user.id, password: password ?? '' }
  const proved = await provePassword(house, caller, visitorOf(c), given)
  return proved?.user.id === user.id ? { factor: 'password', attempt: proved.attempt } : undefined
}

async function show(
  c: HttpContext,
  next: string,
  { status = 200, problem }: { status?: 200 | 401 | 429 | 503; problem?: string },
): Promise<Response> {
  const { house, session } = c.var
  const caller = visitorCaller(c, session!.userId)
  const user = await findActiveUser(house, caller, session!.userId)
  const { totpSince, passkeyCount } = await findSecondFactors(house, caller, session!.userId)
  const known = await listConnections(house, caller, session!.userId, session!.person.memberships)
  // The word of a provider opens nothing outside of its workspace.
  const isOpened = next.startsWith('/w/') || !session!.person.hasMore
  const shown: ProveShown = {
    providers: known
      .filter(({ identity, provider }) => isOpened && identity && provider.isEnabled)
      .map(({ provider: { id, name } }) => ({
        name,
        path: `/account/prove/with/${id}?${new URLSearchParams({ next }).toString()}`,
      })),
    email: user?.email ?? '',
    next,
    wasSent: c.req.query('sent') === '1',
    // A workspace asks for a second factor: the password would lead back here.
    hasPassword: user?.passwordHash !== null && c.req.query('by') !== 'second',
    hasTotp: totpSince !== null,
    hasPasskey: passkeyCount > 0,
    problem,
    problems: {},
  }
  return gatePage(c, { title: 'Prove who you are', status }, <ProvePage {...shown} />)
}
