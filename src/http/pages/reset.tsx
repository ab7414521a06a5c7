// A new password for somebody who forgot theirs: `/reset` asks for a link by mail and answers the same
// for every address; `/reset/{token}` takes the new password. It signs nobody in.

import { z } from 'zod'
import { Email } from '#domain/access/input.ts'
import { askForReset, readReset, resetPassword } from '#domain/access/resets.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import {
  AskResetPage,
  NoMailPage,
  ResetAskedPage,
  ResetDonePage,
  ResetPage,
} from '#views/access/link-pages.tsx'
import { strangerCaller, visitorOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { problemsByField, readForm } from '#http/input.ts'
import { gatePage } from '#http/respond.tsx'
import { publicRoute, type Route } from '#http/routes.ts'
import { waitOf } from '#http/sign-in.ts'
import { passwordProblem, whileGood } from './links.tsx'

export function resetRoutes(): readonly Route[] {
  return [
    publicRoute('GET', '/reset', (c) => showAsk(c)),
    publicRoute('POST', '/reset', ask),
    publicRoute('GET', '/reset/:token', (c) => whileGood(c, () => showReset(c))),
    publicRoute('POST', '/reset/:token', (c) => whileGood(c, () => reset(c))),
  ]
}

const TITLE = 'A new password'

function showAsk(
  c: HttpContext,
  email = '',
  problems: FieldProblems = {},
  status: 200 | 422 | 429 | 503 = 200,
): Response {
  if (!c.var.house.mailer) return gatePage(c, { title: TITLE }, <NoMailPage />)
  const options = { title: TITLE, status }
  return gatePage(c, options, <AskResetPage email={email} problems={problems} />)
}

async function ask(c: HttpContext): Promise<Response> {
  const form = await readForm(c, z.strictObject({ email: z.string().max(1_000) }))
  if (!c.var.house.mailer) return showAsk(c)
  const parsed = z.object({ email: Email }).safeParse(form)
  if (!parsed.success) {
    return showAsk(c, form.email, problemsByField(parsed.error, { email: 'The address' }), 422)
  }
  // From the configured address, never from what the request says of its host.
  const addressOf = (token: string) => `${c.var.publicUrl}/reset/${token}`
  const asked = { email: parsed.data.email, visitor: visitorOf(c) }
  try {
    await askForReset(c.var.house, strangerCaller(c), asked, addressOf)
  } catch (error) {
    const { status, message } = waitOf(c, error)
    return showAsk(c, form.email, { email: message }, status)
  }
  return gatePage(c, { title: TITLE }, <ResetAskedPage />)
}

async function showReset(c: HttpContext, problems: FieldProblems = {}): Promise<Response> {
  const user = await readReset(c.var.house, strangerCaller(c), tokenOf(c))
  const status = Object.keys(problems).length > 0 ? 422 : 200
  const shown = { path: c.req.path, email: user.email ?? user.name, problems }
  return gatePage(c, { title: TITLE, status }, <ResetPage {...shown} />)
}

const ResetForm = z.strictObject({
  email: z.string().max(1_000).optional(),
  password: z.string().max(10_000),
})

async function reset(c: HttpContext): Promise<Response> {
  await readReset(c.var.house, strangerCaller(c), tokenOf(c))
  const { password } = await readForm(c, ResetForm)
  try {
    await resetPassword(c.var.house, strangerCaller(c), tokenOf(c), password)
  } catch (error) {
    const problems = passwordProblem(error)
    if (!problems) throw error
    return showReset(c, problems)
  }
  return gatePage(c, { title: TITLE }, <ResetDonePage />)
}

const tokenOf = (c: HttpContext) => c.req.param('token') ?? ''
