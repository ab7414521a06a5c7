// `/instance/people`: everybody of the instance, for its owner: suspending, owners, links for a new
// password, and what a person may ask for under data protection law.

import { z } from 'zod'
import { erasePerson, exportPerson } from '#domain/identity/erasing.ts'
import {
  changeOwner,
  getPerson,
  listPeople,
  reinstatePerson,
  suspendPerson,
  endSessionsOf,
  removeFactors,
} from '#domain/access/people.ts'
import { changeEmailOf } from '#domain/access/email-change.ts'
import { Email } from '#domain/access/input.ts'
import { makeReset } from '#domain/access/resets.ts'
import { AppError } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { PeoplePage, PersonPage, type PeopleShown } from '#views/instance/people-page.tsx'
import type { FieldProblems } from '#views/parts/field.tsx'
import { LinkMadePage } from '#views/settings/link-made-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { problemsByField, readForm, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/instance/people'

export function peopleRoutes(): readonly Route[] {
  const sure = { needsProof: true }
  return [
    pageRoute('GET', ROOT, 'user.read', showPeople),
    pageRoute('GET', `${ROOT}/:id`, 'user.read', (c) => showPerson(c)),
    pageRoute('POST', `${ROOT}/:id/suspension`, 'user.change', suspend, sure),
    pageRoute('POST', `${ROOT}/:id/owner`, 'user.change', setOwner, sure),
    pageRoute('POST', `${ROOT}/:id/reset`, 'user.change', makeLink, sure),
    pageRoute('POST', `${ROOT}/:id/email`, 'user.change', changeEmail, sure),
    pageRoute('POST', `${ROOT}/:id/factors`, 'user.change', takeFactors, sure),
    pageRoute('POST', `${ROOT}/:id/sessions`, 'user.change', showOut, sure),
    pageRoute('GET', `${ROOT}/:id/export`, 'user.export', sendExport, sure),
    pageRoute('POST', `${ROOT}/:id/erasure`, 'user.erase', erase, sure),
  ]
}

const PAGE_ROWS = 50

// What does not fit is left out: a link that somebody edited still shows the list.
const Query = z.object({
  q: z.string().max(200).catch('').default(''),
  state: z.enum(['active', 'suspended', 'erased']).optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

async function showPeople(c: HttpContext): Promise<Response> {
  const { q, state, cursor } = readQuery(c, Query)
  const filter = { q, ...(state !== undefined && { state }) }
  const people = await listPeople(c.var.house, callerOf(c), filter, {
    limit: PAGE_ROWS,
    ...(cursor !== undefined && { cursor }),
  })
  const isFirst = cursor === undefined
  const shown: PeopleShown = { path: ROOT, filter: { q, state: state ?? null }, isFirst, people }
  return page(c, { title: 'People' }, <PeoplePage shown={shown} />)
}

async function showPerson(
  c: HttpContext,
  refusal: string | null = null,
  problems: FieldProblems = {},
): Promise<Response> {
  const caller = callerOf(c)
  const person = await getPerson(c.var.house, caller, idOf(c))
  const shown = {
    ...person,
    path: pathOf(c),
    isSelf: person.user.id === caller.actor,
    refusal,
    problems,
  }
  const isBad = Object.keys(problems).length > 0
  const status = refusal !== null ? 409 : isBad ? 422 : 200
  const options = {
    title: person.user.name,
    trail: [{ label: 'People', href: ROOT }],
    status,
  } as const
  return page(c, options, <PersonPage shown={shown} />)
}

/** Does it and goes on at the person's page, which also says why it could not be done. */
async function act(
  c: HttpContext,
  notice: string | (() => string),
  what: () => Promise<unknown>,
): Promise<Response> {
  try {
    await what()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return showPerson(c, error.message)
  }
  const words = typeof notice === 'string' ? notice : notice()
  return changed(c, { redirect: pathOf(c), notice: words })
}

async function suspend(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const { user } = await getPerson(house, callerOf(c), idOf(c))
  return user.state === 'suspended'
    ? act(c, `${user.name} may come in again.`, () => reinstatePerson(house, callerOf(c), user.id))
    : act(c, `${user.name} is suspended.`, () => suspendPerson(house, callerOf(c), user.id))
}

async function setOwner(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const { user } = await getPerson(house, callerOf(c), idOf(c))
  const { isOwner } = await readForm(c, z.strictObject({ isOwner: z.enum(['yes', 'no']) }))
  const notice = `${user.name} is ${isOwner === 'yes' ? 'an owner now' : 'no longer an owner'}.`
  return act(c, notice, () => changeOwner(house, callerOf(c), user.id, isOwner === 'yes'))
}

async function changeEmail(c: HttpContext): Promise<Response> {
  const { house, session } = c.var
  const { user } = await getPerson(house, callerOf(c), idOf(c))
  const form = await readForm(c, z.strictObject({ email: z.string().max(1_000) }))
  const parsed = z.object({ email: Email }).safeParse(form)
  if (!parsed.success) {
    return showPerson(c, null, problemsByField(parsed.error, { email: 'The address' }))
  }
  const given = { userId: user.id, email: parsed.data.email, keep: session! }
  return act(c, `${user.name} signs in with ${given.email} from now on.`, () =>
    changeEmailOf(house, callerOf(c), given),
  )
}

async function takeFactors(c: HttpContext): Promise<Response> {
  const { user } = await getPerson(c.var.house, callerOf(c), idOf(c))
  let isPasswordOver = false
  const notice = () =>
    isPasswordOver
      ? `Their password was too short to stand alone and ended, too: make a link for a new one.`
      : `${user.name} comes in by password alone until they set up a new factor.`
  return act(c, notice, async () => {
    isPasswordOver = await removeFactors(c.var.house, callerOf(c), user.id)
  })
}

async function showOut(c: HttpContext): Promise<Response> {
  const { user } = await getPerson(c.var.house, callerOf(c), idOf(c))
  return act(c, `${user.name} is signed out everywhere.`, () =>
    endSessionsOf(c.var.house, callerOf(c), user.id),
  )
}

async function makeLink(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const { user } = await getPerson(house, callerOf(c), idOf(c))
  const { token, link } = await makeReset(house, callerOf(c), user.id)
  const made = {
    title: `A new password for ${user.name}`,
    url: `${c.var.publicUrl}/reset/${token}`,
    expiresAt: link.expiresAt,
    isMailed: false,
    back: { href: pathOf(c), label: user.name },
  }
  const options = { title: 'A new password', trail: [{ label: 'People', href: ROOT }] }
  return page(c, options, <LinkMadePage made={made} />)
}

async function sendExport(c: HttpContext): Promise<Response> {
  const everything = await exportPerson(c.var.house, callerOf(c), idOf(c))
  return c.body(`${JSON.stringify(everything, null, 2)}\n`, 200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Disposition': `attachment; filename="${everything.user.id}.json"`,
  })
}

async function erase(c: HttpContext): Promise<Response> {
  await getPerson(c.var.house, callerOf(c), idOf(c))
  return act(c, 'The person is erased. Their id stays in the audit log.', () =>
    erasePerson(c.var.house, callerOf(c), idOf(c)),
  )
}

const idOf = (c: HttpContext) => c.req.param('id') as UserId
const pathOf = (c: HttpContext) => `${ROOT}/${idOf(c)}`
