// Single sign-on as people meet it: which provider an address leads to, going there, coming back, and the
// page of one's own connections. What went wrong is said in words that tell a stranger nothing; admins
// find the rest in the log of their workspace and on the test page.

import { z } from 'zod'
import { proveAgain } from '#domain/access/arrival.ts'
import type { Session } from '#domain/access/session.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { arriveBy } from '#domain/identity/arriving.ts'
import {
  connect,
  disconnect,
  endByProvider,
  listConnections,
  requireSame,
} from '#domain/identity/connecting.ts'
import { findProviderFor } from '#domain/identity/domains.ts'
import { recordRefused } from '#domain/identity/inside.ts'
import { takeSignOut } from '#domain/identity/signing-out.ts'
import { endWay, returnedOf, type Come, type Returned } from '#domain/identity/ways.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { ConnectionsPage } from '#views/access/connections-page.tsx'
import { ChosenPage, EndedPage, FailedPage, SignedOutPage } from '#views/access/sign-on-pages.tsx'
import { callerOf, strangerCaller, visitorCaller } from '#http/caller.ts'
import { clearCookie, readCookie, setCookie } from '#http/cookie.ts'
import type { HttpContext } from '#http/env.ts'
import { homeOf } from '#http/home.ts'
import { readForm } from '#http/input.ts'
import { safeNext } from '#http/next.ts'
import { changed, gatePage, goTo, page } from '#http/respond.tsx'
import { addressesOf, beginFor, callbackUrl, providerIdOf } from '#http/sign-on.ts'
import { showTested, showTestFailed } from './provider-tests.tsx'

const ChoiceForm = z.strictObject({
  email: z.string().max(1_000),
  // Of the form it shares; not looked at.
  password: z.string().max(4_096).optional(),
  next: z.string().max(4_000).optional(),
})

/** Which provider an address leads to. Tells of domains, which are no secret, and of no account. */
export async function chooseProvider(c: HttpContext): Promise<Response> {
  const { email, next: asked } = await readForm(c, ChoiceForm)
  const next = safeNext(asked)
  const found = await findProviderFor(c.var.house, strangerCaller(c), email)
  const query = next === undefined ? '' : `?${new URLSearchParams({ next }).toString()}`
  const provider = found && { name: found.name, path: `/sign-in/with/${found.id}${query}` }
  return gatePage(c, { title: 'Single sign-on' }, <ChosenPage email={email} provider={provider} />)
}

export async function beginSignIn(c: HttpContext): Promise<Response> {
  const next = safeNext(c.req.query('next')) ?? null
  try {
    return await beginFor(c, providerIdOf(c), { purpose: 'sign_in', next })
  } catch (error) {
    return failed(c, error)
  }
}

export async function beginProof(c: HttpContext): Promise<Response> {
  const next = safeNext(c.req.query('next')) ?? '/account'
  return beginFor(c, providerIdOf(c), { purpose: 'prove', next })
}

export async function beginConnection(c: HttpContext): Promise<Response> {
  const id = providerIdOf(c)
  if (!(await ownConnections(c)).some(({ provider }) => provider.id === id)) throw forbidden()
  return beginFor(c, id, { purpose: 'connect', next: '/account/connections' })
}

/** The answer of a provider, to whatever it was asked for. */
export async function comeBack(c: HttpContext, sessions: Sessions): Promise<Response> {
  const { house } = c.var
  const id = providerIdOf(c)
  const url = new URL(callbackUrl(c, id))
  url.search = new URL(c.req.url).search
  const state = c.req.query('state') ?? ''
  const browser = readCookie(c, 'sso')
  clearCookie(c, 'sso')
  const given = { state, browser, answer: { url, form: {} } }
  try {
    const come = await endWay(house, strangerCaller(c), id, given)
    return await goOn(c, sessions, come)
  } catch (error) {
    const returned = error instanceof AppError ? returnedOf(error) : undefined
    if (returned) await note(c, returned, error as AppError)
    if (returned?.purpose === 'test') return showTestFailed(c, returned, error as AppError)
    return failed(c, error)
  }
}

/** For the admins of the workspace whose provider it is. */
async function note(c: HttpContext, { provider }: Returned, error: AppError): Promise<void> {
  const { why } = error.details
  const words = typeof why === 'string' ? why : error.message
  await recordRefused(c.var.house, strangerCaller(c), provider, words)
}

function goOn(c: HttpContext, sessions: Sessions, come: Come): Promise<Response> {
  switch (come.purpose) {
    case 'sign_in':
      return enterBy(c, sessions, come)
    case 'prove':
      return proveBy(c, sessions, come)
    case 'connect':
      return connectBy(c, come)
    case 'test':
      return showTested(c, come)
  }
}

async function enterBy(
  c: HttpContext,
  sessions: Sessions,
  { provider, asserted, next }: Come,
): Promise<Response> {
  const { house } = c.var
  const visitor = strangerCaller(c)
  const entered = await enteredBy()
  setCookie(c, 'device', entered.device)
  setCookie(c, 'session', entered.session)
  const session = await sessions.find(entered.session)
  return goTo(c, next ?? (session ? homeOf(session.person) : '/'))

  async function enteredBy() {
    const browser = {
      userAgent: c.req.header('User-Agent') ?? '',
      ip: c.var.client.ip,
      device: readCookie(c, 'device'),
      before: c.var.session,
    }
    return arriveBy(house, sessions, visitor, provider, asserted, browser)
  }
}

async function proveBy(
  c: HttpContext,
  sessions: Sessions,
  { provider, asserted, next, sessionId }: Come,
): Promise<Response> {
  const session = sessionOf(c, sessionId)
  const self = visitorCaller(c, session.userId)
  await requireSame(c.var.house, self, session, provider, asserted)
  const cookie = await proveAgain(c.var.house, sessions, self, session, { factor: 'sso' })
  setCookie(c, 'session', cookie)
  return goTo(c, next ?? '/account')
}

async function connectBy(
  c: HttpContext,
  { provider, asserted, sessionId }: Come,
): Promise<Response> {
  const session = sessionOf(c, sessionId)
  const self = visitorCaller(c, session.userId)
  await connect(c.var.house, self, session.userId, provider, asserted)
  session.notice = `${provider.name} is connected with your account.`
  return goTo(c, '/account/connections')
}

/** The session that began it. A proof in between keeps its id. */
export function sessionOf(c: HttpContext, sessionId: Come['sessionId']) {
  const { session } = c.var
  if (!session || session.id !== sessionId) {
    throw new AppError('unauthenticated', 'You were signed out meanwhile. Sign in and begin again.')
  }
  return session
}

/** What a person can do about it; a bug flies on. */
function failed(c: HttpContext, error: unknown): Response {
  if (!(error instanceof AppError)) throw error
  const status = error.code === 'upstream' || error.code === 'timeout' ? 502 : 403
  c.var.house.log.info({ err: error }, 'single sign-on was refused')
  const message =
    status === 502
      ? 'Your provider cannot be reached from here, or does not answer as it should. Try again in a moment; if it stays so, tell an admin.'
      : error.message
  return gatePage(c, { title: 'Not signed in', status }, <FailedPage message={message} />)
}

/** Signed out here; at the provider by a link, because a form must not end at another site. */
export async function showSignedOut(
  c: HttpContext,
  self: Caller,
  session: Session,
): Promise<Response> {
  await nextTurn()
  const there = await takeSignOut(c.var.house, self, session)
  if (!there) return goTo(c, '/')
  return gatePage(c, { title: 'Signed out' }, <SignedOutPage there={there} />)
}

/** What a provider posts: by itself, or by the form of a browser. */
export async function endSessions(c: HttpContext): Promise<Response> {
  return endBy(c, await c.req.text())
}

/** By the address that a browser is sent to. */
export async function endByQuery(c: HttpContext): Promise<Response> {
  return endBy(c, c.req.url.split('?')[1] ?? '')
}

/** To a provider by itself 200, or 400 with a word for its log; to whoever brings its message a page. */
async function endBy(c: HttpContext, sent: string): Promise<Response> {
  const isBrought = new URLSearchParams(sent).has('SAMLRequest')
  try {
    const id = providerIdOf(c)
    const { logout: at } = addressesOf(c, id)
    const { goOn: next } = await endByProvider(c.var.house, strangerCaller(c), id, sent, at)
    if (next !== undefined) return c.redirect(next, 303)
    if (isBrought) return gatePage(c, { title: 'Signed out' }, <EndedPage />)
    return c.body(null, 200, { 'Cache-Control': 'no-store' })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (isBrought) return failed(c, error)
    c.var.house.log.info({ err: error }, 'a logout by a provider was refused')
    const answer = { error: 'invalid_request', error_description: 'The logout was not accepted.' }
    return c.json(answer, 400, { 'Cache-Control': 'no-store' })
  }
}

function ownConnections(c: HttpContext) {
  const { person } = c.var.session!
  return listConnections(c.var.house, callerOf(c), person.userId, person.memberships)
}

export async function showConnections(c: HttpContext): Promise<Response> {
  const connections = await ownConnections(c)
  return page(c, { title: 'Single sign-on' }, <ConnectionsPage connections={connections} />)
}

export async function endConnection(c: HttpContext): Promise<Response> {
  const { userId } = c.var.session!
  await disconnect(c.var.house, callerOf(c), userId, providerIdOf(c))
  return changed(c, { redirect: '/account/connections', notice: 'The connection is ended.' })
}
