// `/account/security`: password, passkeys, authenticator app, recovery codes. Everything that changes one asks for
// a fresh proof, ends the other sessions and gives this one a new secret.

import { z } from 'zod'
import { getOwnUser } from '#domain/access/account.ts'
import { proveAgain } from '#domain/access/arrival.ts'
import { choosePassword } from '#domain/access/credentials.ts'
import { findSecondFactors } from '#domain/access/factors.ts'
import {
  beginTotp,
  findTotpSetup,
  finishTotp,
  removeTotp,
  renewRecoveryCodes,
  type Removal,
} from '#domain/access/second-factor.ts'
import { hasProvedSecond, type Factor } from '#domain/access/session.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { PersonName } from '#domain/access/input.ts'
import { addPasskey, listPasskeys, passkeyOptions, removePasskey } from '#domain/access/passkeys.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { CREDENTIAL_CHARACTERS_MAX } from '#domain/access/webauthn.ts'
import { AppError } from '#kernel/error.ts'
import type { PasskeyId } from '#kernel/id.ts'
import { LongerPasswordPage } from '#views/access/longer-password-page.tsx'
import { NewPasskeyPage } from '#views/access/passkey-pages.tsx'
import { RecoveryCodesPage, SecurityPage, TotpSetupPage } from '#views/access/security-page.tsx'
import type { FieldProblems } from '#views/parts/field.tsx'
import { callerOf, workspaceCaller } from '#http/caller.ts'
import { setCookie } from '#http/cookie.ts'
import type { HttpContext } from '#http/env.ts'
import { readForm } from '#http/input.ts'
import { changed, goTo, page } from '#http/respond.tsx'
import { relyingPartyOf } from '#http/passkeys.ts'
import { pageRoute, type Route } from '#http/routes.ts'
import type { SignInParts } from '#http/sign-in.ts'

const ROOT = '/account/security'
const TITLE = 'Signing in'
const TRAIL = [{ label: TITLE, href: ROOT }]

export function securityRoutes(parts: SignInParts): readonly Route[] {
  const { sessions } = parts
  const proved = { needsProof: true }
  return [
    pageRoute('GET', ROOT, 'signed-in', (c) => showSecurity(c)),
    pageRoute('POST', `${ROOT}/password`, 'signed-in', (c) => changePassword(c, sessions), proved),
    pageRoute('POST', `${ROOT}/totp`, 'signed-in', setUpTotp, proved),
    pageRoute('GET', `${ROOT}/totp`, 'signed-in', (c) => showSetup(c), proved),
    pageRoute(
      'POST',
      `${ROOT}/totp/confirmation`,
      'signed-in',
      (c) => confirm(c, sessions),
      proved,
    ),
    pageRoute('POST', `${ROOT}/totp/removal`, 'signed-in', (c) => removeApp(c, sessions), proved),
    pageRoute('GET', `${ROOT}/passkeys`, 'signed-in', (c) => showNewPasskey(c), proved),
    pageRoute('GET', `${ROOT}/passkeys/options`, 'signed-in', (c) => options(c, parts), proved),
    pageRoute('POST', `${ROOT}/passkeys`, 'signed-in', (c) => keepPasskey(c, parts), proved),
    pageRoute(
      'POST',
      `${ROOT}/passkeys/:id/removal`,
      'signed-in',
      (c) => removeOne(c, sessions),
      proved,
    ),
    pageRoute('POST', `${ROOT}/recovery-codes`, 'signed-in', renewCodes, proved),
  ]
}

async function showSecurity(c: HttpContext, problems: FieldProblems = {}): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const user = await getOwnUser(house, caller)
  const shown = {
    email: user.email ?? '',
    passwordSince: user.passwordChangedAt,
    factors: await findSecondFactors(house, caller, user.id),
    passkeys: await listPasskeys(house, caller, user.id),
    demandedBy: await demandingWorkspaces(c),
    problems,
  }
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: TITLE, status }, <SecurityPage {...shown} />)
}

/** Names of the workspaces that stay closed to this session until it has a second factor. */
async function demandingWorkspaces(c: HttpContext): Promise<readonly string[]> {
  const { house, session } = c.var
  if (hasProvedSecond(session!)) return []
  const names: string[] = []
  for (const { slug, name } of session!.person.memberships) {
    const { policy } = await readPolicy(house, workspaceCaller(c, session!, slug))
    if (policy.secondFactor) names.push(name)
  }
  return names
}

const PasswordForm = z.strictObject({
  password: z.string().max(10_000),
  email: z.string().max(1_000).optional(), // for password managers; who it is, is known
})

async function changePassword(c: HttpContext, sessions: Sessions): Promise<Response> {
  const { password } = await readForm(c, PasswordForm)
  const { house, session } = c.var
  try {
    await choosePassword(house, callerOf(c), session!.userId, password, { keep: session })
  } catch (error) {
    return showSecurity(c, { password: wordsOf(error) })
  }
  await renew(c, sessions, 'password')
  return changed(c, {
    redirect: ROOT,
    notice: 'The password is changed, and every other session ended.',
  })
}

async function setUpTotp(c: HttpContext): Promise<Response> {
  await beginTotp(c.var.house, callerOf(c))
  return goTo(c, `${ROOT}/totp`)
}

async function showSetup(c: HttpContext, problems: FieldProblems = {}): Promise<Response> {
  const { hostname } = new URL(c.var.publicUrl)
  const setup = await findTotpSetup(c.var.house, callerOf(c), hostname)
  if (!setup) return goTo(c, ROOT)
  const options = {
    title: 'Set up an authenticator app',
    trail: TRAIL,
    status: Object.keys(problems).length > 0 ? 422 : 200,
  } as const
  return page(c, options, <TotpSetupPage {...setup} problems={problems} />)
}

async function confirm(c: HttpContext, sessions: Sessions): Promise<Response> {
  const { code } = await readForm(c, z.strictObject({ code: z.string().max(200) }))
  let codes: readonly string[]
  try {
    codes = await finishTotp(c.var.house, callerOf(c), code, c.var.session!)
  } catch (error) {
    return showSetup(c, { code: wordsOf(error) })
  }
  await renew(c, sessions, 'totp')
  return showCodes(c, codes, true)
}

function removeApp(c: HttpContext, sessions: Sessions): Promise<Response> {
  return removeFactor(c, sessions, 'The authenticator app', (removal) =>
    removeTotp(c.var.house, callerOf(c), removal),
  )
}

function showNewPasskey(c: HttpContext, problem?: string): Promise<Response> {
  const status = problem === undefined ? 200 : 422
  const title = 'Add a passkey'
  return page(c, { title, trail: TRAIL, status }, <NewPasskeyPage problem={problem} />)
}

async function options(c: HttpContext, { challenges }: SignInParts): Promise<Response> {
  const { house, session } = c.var
  const rp = relyingPartyOf(c)
  return c.json(await passkeyOptions(house, challenges, callerOf(c), rp, session!))
}

const PasskeyForm = z.strictObject({
  credential: z.string().max(CREDENTIAL_CHARACTERS_MAX),
  name: z.string().max(1_000),
})

async function keepPasskey(
  c: HttpContext,
  { sessions, challenges }: SignInParts,
): Promise<Response> {
  const { credential, name } = await readForm(c, PasskeyForm)
  const parsed = PersonName.safeParse(name)
  if (!parsed.success) return showNewPasskey(c, `The name ${parsed.error.issues[0]!.message}.`)
  const { house, session } = c.var
  let codes: readonly string[]
  try {
    const given = { rp: relyingPartyOf(c), session: session!, credential, name: parsed.data }
    codes = await addPasskey(house, challenges, callerOf(c), given)
  } catch (error) {
    return showNewPasskey(c, wordsOf(error))
  }
  await renew(c, sessions, 'passkey')
  return showCodes(c, codes, true)
}

function removeOne(c: HttpContext, sessions: Sessions): Promise<Response> {
  const id = c.req.param('id') as PasskeyId
  return removeFactor(c, sessions, 'The passkey', (removal) =>
    removePasskey(c.var.house, callerOf(c), id, removal),
  )
}

const RemovalForm = z.strictObject({ ...PasswordForm.shape, password: z.string().max(10_000).optional() }) // prettier-ignore

/** Removes a factor; asks for a longer password first where the last one leaves a short one alone. */
async function removeFactor(
  c: HttpContext,
  sessions: Sessions,
  what: string,
  remove: (removal: Removal) => Promise<void>,
): Promise<Response> {
  const { password } = await readForm(c, RemovalForm)
  try {
    await remove({ keep: c.var.session!, password })
  } catch (error) {
    if (error instanceof AppError && error.details['needs'] === 'password') {
      return askLonger(c, what, {}, error.message)
    }
    return askLonger(c, what, { password: wordsOf(error) })
  }
  if (password === undefined) return changed(c, { redirect: ROOT, notice: `${what} is removed.` })
  await renew(c, sessions, 'password')
  return changed(c, { redirect: ROOT, notice: `${what} is removed, and the password changed.` })
}

async function askLonger(
  c: HttpContext,
  what: string,
  problems: FieldProblems,
  reason?: string,
): Promise<Response> {
  const { email } = await getOwnUser(c.var.house, callerOf(c))
  const shown = { path: c.req.path, email: email ?? '', what, problems, reason }
  const title = 'Choose a longer password'
  return page(c, { title, trail: TRAIL, status: 422 }, <LongerPasswordPage {...shown} />)
}

async function renewCodes(c: HttpContext): Promise<Response> {
  return showCodes(c, await renewRecoveryCodes(c.var.house, callerOf(c)), false)
}

/** The only page they are on: no address leads to it again. */
function showCodes(c: HttpContext, codes: readonly string[], isFirst: boolean): Promise<Response> {
  if (codes.length === 0) {
    const notice = 'The second factor is set up. The recovery codes you have stay good.'
    return Promise.resolve(changed(c, { redirect: ROOT, notice }))
  }
  const title = 'Recovery codes'
  return page(c, { title, trail: TRAIL }, <RecoveryCodesPage codes={codes} isFirst={isFirst} />)
}

/** What lets them in has changed: the session goes on under a new secret. */
async function renew(c: HttpContext, sessions: Sessions, factor: Factor): Promise<void> {
  const { house, session } = c.var
  setCookie(c, 'session', await proveAgain(house, sessions, callerOf(c), session!, { factor }))
}

/** What is wrong with what was typed. Throws the rest. */
function wordsOf(error: unknown): string {
  if (error instanceof AppError && error.code === 'invalid') return error.message
  throw error
}
