// Where SAML providers post their answers, and what they are told of us. The form of a provider brings no
// cookie of ours, so nobody comes in by it: the answer is kept, and the browser is sent to fetch it with
// the cookie it was given when it began. A browser that began nothing has none, and gets nothing.

import { z } from 'zod'
import { keepAnswer } from '#domain/identity/ways.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { describeUs } from '#domain/identity/saml-own.ts'
import { strangerCaller } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { readForm, readId } from '#http/input.ts'
import { addressesOf } from '#http/sign-on.ts'

const AnswerForm = z.object({
  SAMLResponse: z.string().min(1).max(400_000),
  /** None, or one of its own, where the sign-in began at the provider: then it leads nowhere. */
  RelayState: z.string().max(200).default(''),
})

export async function takeAnswer(c: HttpContext): Promise<Response> {
  const id = readId(c, ID_PREFIXES.provider)
  const { SAMLResponse, RelayState: state } = await readForm(c, AnswerForm)
  await keepAnswer(c.var.house, strangerCaller(c), id, state, { SAMLResponse })
  const query = new URLSearchParams({ state }).toString()
  return c.redirect(`/sign-in/with/${id}/callback?${query}`, 303)
}

export async function showMetadata(c: HttpContext): Promise<Response> {
  const id = readId(c, ID_PREFIXES.provider)
  const xml = await describeUs(c.var.house, strangerCaller(c), id, addressesOf(c, id))
  return c.body(xml, 200, { 'Content-Type': 'application/samlmetadata+xml; charset=utf-8' })
}
