// `/w/{slug}/settings/single-sign-on/{id}/directory`: the tokens by which the directory of a provider tells
// who is there and who has left; whom and which groups it tells of, and its last requests.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { Networks } from '#domain/access/token-input.ts'
import { getProvider } from '#domain/identity/actions.ts'
import { listTold, listToldGroups, readTellsOf } from '#domain/identity/directory.ts'
import { listRequests } from '#domain/identity/scim-requests.ts'
import { addScimToken, listScimTokens, removeScimToken } from '#domain/identity/scim-tokens.ts'
import { forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId } from '#kernel/id.ts'
import { ToldGroupsPage, ToldPeoplePage } from '#views/settings/directory-lists.tsx'
import type { FieldProblems } from '#views/parts/field.tsx'
import { DirectoryPage, DirectoryTokenPage } from '#views/settings/directory-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readQuery } from '#http/input.ts'
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
    preset: provider.preset,
    tells: await readTellsOf(c.var.house, caller, provider.id),
    requests: await listRequests(c.var.house, caller, provider.id),
    tokens: await listScimTokens(c.var.house, caller, provider.id),
    mayManage: can(caller, 'provider.manage'),
    networks,
    problems,
  }
  const status = Object.keys(problems).length > 0 ? 422 : 200
  const trail = trailOf(c, provider.name)
  return page(c, { title: 'Directory', trail, status }, <DirectoryPage shown={shown} />)
}

const PAGE_ROWS = 50
const Cursor = z.string().max(2_000).optional().catch(undefined)

// What does not fit is left out: a link that somebody edited still shows the list.
const PeopleQuery = z.object({
  q: z.string().max(200).catch('').default(''),
  standing: z.enum(['active', 'apart', 'left']).optional().catch(undefined),
  cursor: Cursor,
})

export async function showPeople(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { provider } = await getProvider(house, caller, providerIdOf(c))
  const { q, standing, cursor } = readQuery(c, PeopleQuery)
  const wanted = { limit: PAGE_ROWS, ...(cursor !== undefined && { cursor }) }
  const { items, next, count } = await listTold(house, caller, provider.id, { q, standing }, wanted)
  const path = `${pathOf(c)}/directory`
  const at = (from?: string) => addressOf(`${path}/people`, { q, standing, cursor: from })
  const shown = {
    path,
    filter: { q, standing: standing ?? null },
    people: items,
    count,
    first: cursor === undefined ? null : at(),
    next: next === null ? null : at(next),
  }
  const trail = [...trailOf(c, provider.name), { label: 'Directory', href: path }]
  return page(c, { title: 'People of the directory', trail }, <ToldPeoplePage shown={shown} />)
}

const GroupsQuery = PeopleQuery.omit({ standing: true })

export async function showGroups(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { provider } = await getProvider(house, caller, providerIdOf(c))
  const { q, cursor } = readQuery(c, GroupsQuery)
  const wanted = { limit: PAGE_ROWS, ...(cursor !== undefined && { cursor }) }
  const { items, next } = await listToldGroups(house, caller, provider.id, q, wanted)
  const path = `${pathOf(c)}/directory`
  const at = (from?: string) => addressOf(`${path}/groups`, { q, cursor: from })
  const shown = {
    path,
    q,
    groups: items,
    first: cursor === undefined ? null : at(),
    next: next === null ? null : at(next),
  }
  const trail = [...trailOf(c, provider.name), { label: 'Directory', href: path }]
  return page(c, { title: 'Groups of the directory', trail }, <ToldGroupsPage shown={shown} />)
}

/** The filter as an address. */
function addressOf(path: string, given: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== '') query.set(name, value)
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`
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
