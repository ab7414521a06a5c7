// `/account/email`: another address for oneself, by a link that goes to it. Opened by the person who
// asked, where they are signed in; for anybody else it is a link that is over.

import { z } from 'zod'
import { askForEmail, readEmailChange, takeEmail } from '#domain/access/email-change.ts'
import { getOwnUser } from '#domain/access/account.ts'
import { Email } from '#domain/access/input.ts'
import { AppError } from '#kernel/error.ts'
import { EmailAskedPage, EmailPage, TakeEmailPage } from '#views/access/email-pages.tsx'
import type { FieldProblems } from '#views/parts/field.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { problemsByField, readForm } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'
import { whileGood } from './links.tsx'

const ROOT = '/account/email'
const TRAIL = [{ label: 'Profile', href: '/account' }]

export function emailRoutes(): readonly Route[] {
  const proved = { needsProof: true }
  return [
    pageRoute('GET', ROOT, 'signed-in', (c) => showEmail(c), proved),
    pageRoute('POST', ROOT, 'signed-in', ask, proved),
    pageRoute('GET', `${ROOT}/:token`, 'signed-in', (c) => whileGood(c, () => showChange(c))),
    pageRoute('POST', `${ROOT}/:token`, 'signed-in', (c) => whileGood(c, () => take(c))),
  ]
}

async function showEmail(
  c: HttpContext,
  typed = '',
  problems: FieldProblems = {},
): Promise<Response> {
  const { house } = c.var
  const { id, email, isOwner } = await getOwnUser(house, callerOf(c))
  const ownerPath = isOwner ? `/instance/people/${id}` : null
  const hasMail = house.mailer !== undefined
  const shown = { email: email ?? '', typed, problems, hasMail, ownerPath }
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: 'Another address', trail: TRAIL, status }, <EmailPage {...shown} />)
}

async function ask(c: HttpContext): Promise<Response> {
  const form = await readForm(c, z.strictObject({ email: z.string().max(1_000) }))
  const parsed = z.object({ email: Email }).safeParse(form)
  if (!parsed.success) {
    return showEmail(c, form.email, problemsByField(parsed.error, { email: 'The address' }))
  }
  const { email } = parsed.data
  try {
    const addressOf = (token: string) => `${c.var.publicUrl}${ROOT}/${token}`
    await askForEmail(c.var.house, callerOf(c), email, addressOf)
  } catch (error) {
    if (!(error instanceof AppError) || !TOLD.has(error.code)) throw error
    return showEmail(c, form.email, { email: error.message })
  }
  return page(c, { title: 'Look into your mail', trail: TRAIL }, <EmailAskedPage email={email} />)
}

const TOLD: ReadonlySet<string> = new Set(['invalid', 'rate_limited', 'unsupported'])

async function showChange(c: HttpContext): Promise<Response> {
  const email = await readEmailChange(c.var.house, callerOf(c), tokenOf(c))
  const shown = { path: c.req.path, email }
  return page(c, { title: 'Another address', trail: TRAIL }, <TakeEmailPage {...shown} />)
}

async function take(c: HttpContext): Promise<Response> {
  await takeEmail(c.var.house, callerOf(c), tokenOf(c), c.var.session!)
  const notice = 'Your address is changed, and every other session ended.'
  return changed(c, { redirect: '/account', notice })
}

const tokenOf = (c: HttpContext) => c.req.param('token') ?? ''
