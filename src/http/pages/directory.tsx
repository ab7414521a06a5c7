// `/w/{slug}/settings/single-sign-on/{id}/directory`: the tokens by which the directory of a provider tells
// who is there and who has left.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { Networks } from '#domain/access/token-input.ts'
import { getProvider } from '#domain/identity/actions.ts'
import { addScimToken, listScimTokens, removeScimToken } from '#domain/identity/scim-tokens.ts'
import { forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId } from '#kernel/id.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import { DirectoryPage, DirectoryTokenPage } from '#views/settings/directory-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { providerIdOf } from '#http/sign-on.ts'

const rootOf = (c: HttpContext): string => `${placeOf(c)}/settings/single-sign-on`
const pathOf = (c: HttpContext): string => `${rootOf(c)}/${providerIdOf(c)}`

export async function showDirectory(c: HttpContext): Promise<Response> {
  return show(c, '', {})
}

async function show(c: HttpContext, networks: string, problems: FieldProblems): Promise<Response> {
  const caller = callerOf(c)
  const { provider } = await getProvider(c.var.house, caller, providerIdOf(c))
  const shown = {
    path: `${pathOf(c)}/directory`,
    address: `${c.var.publicUrl}/scim/v2`,
    tokens: await listScimTokens(c.var.house, caller, provider.id),
    mayManage: can(caller, 'provider.manage'),
    networks,
    problems,
  }
  const status = Object.keys(problems).length > 0 ? 422 : 200
  const trail = trailOf(c, provider.name)
  return page(c, { title: 'Directory', trail, status }, <DirectoryPage shown={shown} />)
}

const TokenForm = z.strictObject({ networks: z.string().max(2_000).default('') })

export async function makeToken(c: HttpContext): Promise<Response> {
  const { provider } = await getProvider(c.var.house, callerOf(c), providerIdOf(c))
  const { networks: typed } = await readForm(c, TokenForm)
  const parsed = Networks.safeParse(typed.split(/[\s,]+/).filter((one) => one !== ''))
  if (!parsed.success) {
    return show(c, typed, { networks: `One of them ${parsed.error.issues[0]!.message}.` })
  }
  const { text } = await addScimToken(c.var.house, callerOf(c), provider.id, parsed.data)
  const made = { text, address: `${c.var.publicUrl}/scim/v2`, path: `${pathOf(c)}/directory` }
  const trail = trailOf(c, provider.name)
  return page(c, { title: 'Token of the directory', trail }, <DirectoryTokenPage made={made} />)
}

const EndForm = z.strictObject({ token: z.string().max(100) })

export async function endToken(c: HttpContext): Promise<Response> {
  const { provider } = await getProvider(c.var.house, callerOf(c), providerIdOf(c))
  const { token } = await readForm(c, EndForm)
  if (!isId(ID_PREFIXES.scimToken, token)) throw forbidden()
  await removeScimToken(c.var.house, callerOf(c), provider.id, token)
  return changed(c, { redirect: `${pathOf(c)}/directory`, notice: 'The token opens nothing more.' })
}

function trailOf(c: HttpContext, name: string) {
  return [
    { label: 'Single sign-on', href: rootOf(c) },
    { label: name, href: pathOf(c) },
  ]
}
