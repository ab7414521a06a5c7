// What the links lead to that let somebody in for the first time: `/claim/{token}`, `/invite/{token}`.
// Looking at one changes nothing, so a program that follows links does not use it up; only the form
// does. Whatever is wrong with a link, the answer is the same page.

import { z } from 'zod'
import { checkClaim, claimInstall } from '#domain/access/claim.ts'
import { Email, PersonName } from '#domain/access/input.ts'
import {
  acceptAsMember,
  acceptAsNew,
  readInvitation,
  type OpenInvitation,
} from '#domain/access/invitations.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { AppError } from '#kernel/error.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import { DeadLinkPage } from '#views/access/link-pages.tsx'
import {
  ClaimPage,
  InviteKnownPage,
  InvitePage,
  type NewAccountShown,
} from '#views/access/new-account.tsx'
import { strangerCaller, visitorCaller } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { problemsByField, readForm } from '#http/input.ts'
import { gatePage, goTo } from '#http/respond.tsx'
import { publicRoute, type Route } from '#http/routes.ts'
import { enter } from '#http/sign-in.ts'

export function linkRoutes(sessions: Sessions): readonly Route[] {
  return [
    publicRoute('GET', '/claim/:token', (c) => whileGood(c, () => showClaim(c))),
    publicRoute('POST', '/claim/:token', (c) => whileGood(c, () => claim(c, sessions))),
    publicRoute('GET', '/invite/:token', (c) => whileGood(c, () => showInvite(c))),
    publicRoute('POST', '/invite/:token', (c) => whileGood(c, () => accept(c, sessions))),
  ]
}

/** The same page for every link that is no good. */
export async function whileGood(
  c: HttpContext,
  answer: () => Promise<Response>,
): Promise<Response> {
  try {
    return await answer()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'forbidden') throw error
    return gatePage(c, { title: 'A link that is over', status: 403 }, <DeadLinkPage />)
  }
}

/** The sentence of a refused password for its field; undefined for every other failure. */
export function passwordProblem(error: unknown): FieldProblems | undefined {
  const isRefused = error instanceof AppError && error.code === 'invalid'
  return isRefused ? { password: error.message } : undefined
}

const NOTHING_TYPED = { name: '', email: '' }
const FIELD_NAMES = { name: 'The name', email: 'The address' }
const Typed = z.strictObject({
  name: z.string().max(1_000),
  email: z.string().max(1_000),
  password: z.string().max(10_000),
})
const Valid = z.object({ name: PersonName, email: Email, password: z.string() })

async function showClaim(
  c: HttpContext,
  typed: NewAccountShown['typed'] = NOTHING_TYPED,
  problems: FieldProblems = {},
): Promise<Response> {
  await checkClaim(c.var.house, strangerCaller(c), tokenOf(c))
  const shown = { path: c.req.path, typed, problems }
  const { host } = new URL(c.var.publicUrl)
  const options = { title: 'Claim this install', status: statusOf(problems) }
  return gatePage(c, options, <ClaimPage shown={shown} host={host} />)
}

async function claim(c: HttpContext, sessions: Sessions): Promise<Response> {
  const { house } = c.var
  await checkClaim(house, strangerCaller(c), tokenOf(c))
  const form = await readForm(c, Typed)
  const parsed = Valid.safeParse(form)
  if (!parsed.success) return showClaim(c, form, problemsByField(parsed.error, FIELD_NAMES))
  try {
    const userId = await claimInstall(house, strangerCaller(c), tokenOf(c), parsed.data)
    return await enter(c, sessions, userId, ['password'])
  } catch (error) {
    const problems = passwordProblem(error)
    if (!problems) throw error
    return showClaim(c, form, problems)
  }
}

async function showInvite(
  c: HttpContext,
  name = '',
  problems: FieldProblems = {},
): Promise<Response> {
  const invitation = await readInvitation(c.var.house, strangerCaller(c), tokenOf(c))
  const { email, userId } = invitation
  if (userId !== null) return showKnown(c, invitation)
  const shown = { path: c.req.path, typed: { name, email }, problems }
  const about = { workspaceName: invitation.workspaceName, role: invitation.link.role! }
  const options = { title: 'An invitation', status: statusOf(problems) }
  return gatePage(c, options, <InvitePage shown={shown} {...about} />)
}

function showKnown(c: HttpContext, { link, email, userId, workspaceName }: OpenInvitation) {
  const person = c.var.session?.person
  const about = {
    path: c.req.path,
    workspaceName,
    role: link.role!,
    email,
    signedInAs: person ? (person.email ?? person.name) : null,
    isSelf: person !== undefined && person.userId === userId,
    signIn: `/sign-in?${new URLSearchParams({ next: c.req.path }).toString()}`,
  }
  return gatePage(c, { title: 'An invitation' }, <InviteKnownPage {...about} />)
}

async function accept(c: HttpContext, sessions: Sessions): Promise<Response> {
  const { house, session } = c.var
  const { userId, slug } = await readInvitation(house, strangerCaller(c), tokenOf(c))
  if (userId !== null) {
    if (session?.userId !== userId) return showInvite(c)
    await acceptAsMember(house, visitorCaller(c, userId), tokenOf(c))
    return goTo(c, `/w/${slug}`)
  }
  // The form sends the address for password managers; the link decides whose it is.
  const form = await readForm(c, Typed)
  const parsed = Valid.pick({ name: true, password: true }).safeParse(form)
  if (!parsed.success) return showInvite(c, form.name, problemsByField(parsed.error, FIELD_NAMES))
  try {
    const newcomer = await acceptAsNew(house, strangerCaller(c), tokenOf(c), parsed.data)
    return await enter(c, sessions, newcomer, ['password'])
  } catch (error) {
    const problems = passwordProblem(error)
    if (!problems) throw error
    return showInvite(c, form.name, problems)
  }
}

const tokenOf = (c: HttpContext) => c.req.param('token') ?? ''

const statusOf = (problems: FieldProblems): 200 | 422 =>
  Object.keys(problems).length > 0 ? 422 : 200
