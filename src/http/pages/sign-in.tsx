// `/sign-in` and its second step. A wrong address, a wrong password and a suspended account get the
// same words, the same status and take the same time.

import { z } from 'zod'
import type { Attempt } from '#domain/access/attempts.ts'
import { listPasskeys, provePasskey } from '#domain/access/passkeys.ts'
import type { User } from '#domain/access/person.ts'
import { findActiveUser, proveCode, provePassword } from '#domain/access/prove.ts'
import { hasDomains } from '#domain/identity/domains.ts'
import { enforcedFor, isEnforced, refuseEnforced } from '#domain/identity/enforcing.ts'
import { findSecondFactors, hasSecondFactor } from '#domain/access/factors.ts'
import type { Factor } from '#domain/access/session.ts'
import { CREDENTIAL_CHARACTERS_MAX, requestOptions } from '#domain/access/webauthn.ts'
import {
  SecondStepPage,
  SignInPage,
  type SecondStepShown,
  type SignInShown,
} from '#views/access/sign-in-page.tsx'
import { strangerCaller, visitorCaller, visitorOf } from '#http/caller.ts'
import { clearCookie, readCookie, setCookie } from '#http/cookie.ts'
import type { HttpContext } from '#http/env.ts'
import { homeOf } from '#http/home.ts'
import { readForm } from '#http/input.ts'
import { safeNext } from '#http/next.ts'
import { relyingPartyOf, useOfVisit } from '#http/passkeys.ts'
import { gatePage, goTo } from '#http/respond.tsx'
import { publicRoute, type Route } from '#http/routes.ts'
import { enter, waitOf, type SignInParts } from '#http/sign-in.ts'

export function signInPages(parts: SignInParts): readonly Route[] {
  return [
    publicRoute('GET', '/sign-in', showSignIn),
    publicRoute('POST', '/sign-in', (c) => signIn(c, parts)),
    publicRoute('GET', '/sign-in/passkey', (c) => passkeyChallenge(c, parts)),
    publicRoute('POST', '/sign-in/passkey', (c) => signInByPasskey(c, parts)),
    publicRoute('GET', '/sign-in/second', (c) => showSecond(c, parts)),
    publicRoute('POST', '/sign-in/second', (c) => takeSecond(c, parts)),
  ]
}

const WRONG = 'The e-mail address or the password is not right.'
const WRONG_PASSKEY = 'This passkey was not accepted. Try again, or use another way.'
const WRONG_CODE = 'That code is not right, or it was used before.'

async function showSignIn(c: HttpContext): Promise<Response> {
  const next = safeNext(c.req.query('next'))
  const { session } = c.var
  if (session) return goTo(c, next ?? homeOf(session.person))
  return signInPage(c, { email: '', next, problem: undefined }, 200)
}

const SignInForm = z.strictObject({
  email: z.string().max(1_000),
  password: z.string().max(4_096),
  next: z.string().max(4_000).optional(),
})

async function signIn(c: HttpContext, parts: SignInParts): Promise<Response> {
  const { email, password, next: asked } = await readForm(c, SignInForm)
  const next = safeNext(asked)
  try {
    const given = { email, password }
    const proved = await provePassword(c.var.house, strangerCaller(c), visitorOf(c), given)
    if (!proved) return await refusePassword(c, email, next)
    await refuseEnforced(c.var.house, strangerCaller(c), proved.user)
    return await goOn(c, parts, proved, next)
  } catch (error) {
    if (isEnforced(error)) return signInPage(c, { email, next, problem: error.message }, 403)
    const { status, message } = waitOf(c, error)
    return signInPage(c, { email, next, problem: message }, status)
  }
}

/** The same words and status for everybody of a domain, whoever has an account and whoever has none. */
async function refusePassword(
  c: HttpContext,
  email: string,
  next: string | undefined,
): Promise<Response> {
  const elsewhere = await enforcedFor(c.var.house, strangerCaller(c), email)
  const problem = elsewhere?.message ?? WRONG
  return signInPage(c, { email, next, problem }, elsewhere ? 403 : 401)
}

/** Any passkey, or those of whoever is at their second step: that they have one is no secret then. */
async function passkeyChallenge(c: HttpContext, parts: SignInParts): Promise<Response> {
  const rp = relyingPartyOf(c)
  const pending = await findPending(c, parts)
  const known = pending && (await listPasskeys(c.var.house, pending.caller, pending.user.id))
  const challenge = parts.challenges.make(c.var.house.clock.now(), useOfVisit(c))
  return c.json(requestOptions(rp, challenge, known))
}

const PasskeyForm = z.strictObject({
  credential: z.string().max(CREDENTIAL_CHARACTERS_MAX),
  next: z.string().max(4_000).optional(),
})

/** Alone, or as the second step: whoever has proved a password proves by a passkey of the same person. */
async function signInByPasskey(c: HttpContext, parts: SignInParts): Promise<Response> {
  const { credential, next: asked } = await readForm(c, PasskeyForm)
  const pending = await findPending(c, parts)
  const next = pending?.next ?? safeNext(asked)
  const given = { rp: relyingPartyOf(c), credential, use: useOfVisit(c) }
  const caller = strangerCaller(c)
  const user = await provePasskey(c.var.house, parts.challenges, caller, given)
  if (!user || (pending && pending.user.id !== user.id)) {
    return signInPage(c, { email: '', next, problem: WRONG_PASSKEY }, 401)
  }
  try {
    await refuseEnforced(c.var.house, caller, user)
  } catch (error) {
    if (!isEnforced(error)) throw error
    return signInPage(c, { email: '', next, problem: error.message }, 403)
  }
  parts.pending.end(readCookie(c, 'visit'))
  clearCookie(c, 'visit')
  const factors: Factor[] = pending ? ['password', 'passkey'] : ['passkey']
  return enter(c, parts.sessions, user.id, factors, { next })
}

/** In, or to the second step of whoever has one. */
async function goOn(
  c: HttpContext,
  { sessions, pending }: SignInParts,
  { user, attempt }: { user: User; attempt: Attempt },
  next: string | undefined,
): Promise<Response> {
  const caller = visitorCaller(c, user.id)
  const factors = await findSecondFactors(c.var.house, caller, user.id)
  if (!hasSecondFactor(factors)) {
    return enter(c, sessions, user.id, ['password'], { next, attempt })
  }
  const { id: userId, passwordChangedAt } = user
  setCookie(c, 'visit', pending.begin(caller.now, { userId, passwordChangedAt, next }))
  return goTo(c, '/sign-in/second')
}

/** Whose second step this browser is at; undefined when it took too long or the password changed. */
async function findPending(c: HttpContext, { pending }: SignInParts) {
  const found = pending.find(c.var.house.clock.now(), readCookie(c, 'visit'))
  if (!found) return undefined
  const caller = visitorCaller(c, found.userId)
  const user = await findActiveUser(c.var.house, caller, found.userId)
  if (user?.passwordChangedAt !== found.passwordChangedAt) return undefined
  return { user, caller, next: found.next }
}

async function showSecond(c: HttpContext, parts: SignInParts): Promise<Response> {
  const found = await findPending(c, parts)
  if (!found) return goTo(c, '/sign-in')
  return secondPage(c, found.user, {}, 200)
}

async function takeSecond(c: HttpContext, parts: SignInParts): Promise<Response> {
  const { code } = await readForm(c, z.strictObject({ code: z.string().max(200) }))
  const found = await findPending(c, parts)
  if (!found) return goTo(c, '/sign-in')
  const { user, caller, next } = found
  try {
    const proved = await proveCode(c.var.house, caller, visitorOf(c), { user, code })
    if (!proved) return await secondPage(c, user, { code: WRONG_CODE }, 401)
    parts.pending.end(readCookie(c, 'visit'))
    clearCookie(c, 'visit')
    const { factor, attempt } = proved
    return await enter(c, parts.sessions, user.id, ['password', factor], { next, attempt })
  } catch (error) {
    const { status, message } = waitOf(c, error)
    return secondPage(c, user, { code: message }, status)
  }
}

async function signInPage(
  c: HttpContext,
  shown: Omit<SignInShown, 'hasSingleSignOn'>,
  status: 200 | 401 | 403 | 429 | 503,
): Promise<Response> {
  const hasSingleSignOn = await hasDomains(c.var.house, strangerCaller(c))
  const whole = { ...shown, hasSingleSignOn }
  return gatePage(c, { title: 'Sign in', status }, <SignInPage {...whole} />)
}

async function secondPage(
  c: HttpContext,
  user: User,
  problems: SecondStepShown['problems'],
  status: 200 | 401 | 429 | 503,
): Promise<Response> {
  const caller = visitorCaller(c, user.id)
  const { totpSince, passkeyCount } = await findSecondFactors(c.var.house, caller, user.id)
  const shown = { hasTotp: totpSince !== null, hasPasskey: passkeyCount > 0, problems }
  return gatePage(c, { title: 'One more step', status }, <SecondStepPage {...shown} />)
}
