// `/w/{slug}/settings/single-sign-on`: the identity providers of a workspace, a new one, and the accounts
// for the day that none of them answers.

import { z } from 'zod'
import { listBreakIns, setBreakIn } from '#domain/access/break-in.ts'
import { can } from '#domain/access/permission.ts'
import { addProvider, listProviders } from '#domain/identity/actions.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { PRESETS, secretEnds, type Preset } from '#domain/identity/provider.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId, makeId, type ProviderId } from '#kernel/id.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import { NewProviderPage } from '#views/settings/new-provider-page.tsx'
import { ProvidersPage } from '#views/settings/providers-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm } from '#http/input.ts'
import {
  emptyValues,
  inputOf,
  ProviderForm,
  providerProblems,
  type ProviderValues,
} from '#http/provider-form.ts'
import { changed, page } from '#http/respond.tsx'
import { settingsTabs } from '#http/settings-tabs.ts'
import { addressesOf } from '#http/sign-on.ts'

const rootOf = (c: HttpContext): string => `${placeOf(c)}/settings/single-sign-on`

export async function showProviders(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const seen = await listProviders(c.var.house, caller)
  const shown = {
    tabs: settingsTabs(c),
    path: rootOf(c),
    providers: seen.map((one) => ({ ...one, ends: secretEnds(one.provider, caller.now) })),
    admins: await listBreakIns(c.var.house, caller),
    mayManage: can(caller, 'provider.manage'),
  }
  return page(c, { title: 'Single sign-on' }, <ProvidersPage shown={shown} />)
}

export async function showNew(c: HttpContext): Promise<Response> {
  const asked = c.req.query('preset') as Preset
  const preset = PRESETS.includes(asked) ? asked : 'generic'
  const { house } = c.var
  // Made now, because the provider wants the address that holds it before it gives a client id.
  const id = makeId(ID_PREFIXES.provider, callerOf(c).now, house.random(10))
  return showForm(c, id, emptyValues(preset), {}, 200)
}

function showForm(
  c: HttpContext,
  id: ProviderId,
  values: ProviderValues,
  problems: FieldProblems,
  status: 200 | 422,
): Promise<Response> {
  const path = rootOf(c)
  const shown = { path, id, values, problems, addresses: addressesOf(c, id) }
  const trail = [{ label: 'Single sign-on', href: path }]
  return page(c, { title: 'New provider', trail, status }, <NewProviderPage shown={shown} />)
}

export async function add(c: HttpContext): Promise<Response> {
  const values = await readForm(c, ProviderForm)
  const { id } = values
  if (!isId(ID_PREFIXES.provider, id)) throw forbidden()
  const { shared, settings, problem } = inputOf(values)
  const wish = { kind: 'oidc', preset: values.preset, ...shared, settings }
  const parsed = NewProvider.safeParse(wish)
  const problems = {
    ...(parsed.success ? {} : providerProblems(parsed.error)),
    ...(problem !== undefined && { groupRoles: problem }),
  }
  if (!parsed.success || problem !== undefined) return showForm(c, id, values, problems, 422)
  try {
    await addProvider(c.var.house, callerOf(c), parsed.data, id)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return showForm(c, id, values, { name: error.message }, 422)
  }
  const notice = 'The provider is added. Test it, then name the domains of its people.'
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice })
}

const BreakInForm = z.strictObject({
  userId: z.string().max(100),
  isBreakIn: z.enum(['yes', 'no']),
})

export async function nameBreakIn(c: HttpContext): Promise<Response> {
  const { userId, isBreakIn } = await readForm(c, BreakInForm)
  if (!isId(ID_PREFIXES.user, userId)) throw forbidden()
  await setBreakIn(c.var.house, callerOf(c), userId, isBreakIn === 'yes')
  const notice = isBreakIn === 'yes' ? 'They may break in.' : 'They sign in like everybody.'
  return changed(c, { redirect: rootOf(c), notice })
}
