// A provider by SAML in a workspace's settings: entered by its metadata, and renewed by newer ones.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { addProvider, getProvider } from '#domain/identity/actions.ts'
import { NewProvider } from '#domain/identity/input.ts'
import {
  KNOWN_NAMES,
  SAML_PRESET_ROWS,
  SAML_PRESETS,
  type SamlPreset,
} from '#domain/identity/saml-names.ts'
import { addOwnKey, listOwnKeys, removeOwnKey } from '#domain/identity/own-keys.ts'
import {
  differenceOf,
  readMetadata,
  renewMetadata,
  type MetadataDifference,
} from '#domain/identity/saml-entering.ts'
import { lookAtProvider } from '#domain/identity/testing.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId, makeId, type ProviderId } from '#kernel/id.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import type { Provider } from '#domain/identity/provider.ts'
import { SamlDifferencePage } from '#views/settings/saml-difference-page.tsx'
import { NewSamlPage, SamlPage } from '#views/settings/saml-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm } from '#http/input.ts'
import { providerProblems } from '#http/provider-form.ts'
import { changed, page } from '#http/respond.tsx'
import { emptySamlValues, NewSamlForm, samlInputOf, type SamlValues } from '#http/saml-form.ts'
import { addressesOf, providerIdOf } from '#http/sign-on.ts'

const rootOf = (c: HttpContext): string => `${placeOf(c)}/settings/single-sign-on`

export async function showNew(c: HttpContext): Promise<Response> {
  const asked = c.req.query('preset') as SamlPreset
  const preset = SAML_PRESETS.includes(asked) ? asked : 'generic'
  // Made now, because the provider wants the address that holds it before it gives its metadata out.
  const id = makeId(ID_PREFIXES.provider, callerOf(c).now, c.var.house.random(10))
  return showForm(c, { id, preset, values: emptySamlValues(preset), metadata: '' }, {})
}

interface Typed {
  readonly id: ProviderId
  readonly preset: SamlPreset
  readonly values: SamlValues
  readonly metadata: string
}

function showForm(c: HttpContext, typed: Typed, problems: FieldProblems): Promise<Response> {
  const path = `${rootOf(c)}/new/saml`
  const presets = SAML_PRESETS.map((one) => [one, SAML_PRESET_ROWS[one].label] as const)
  const offered = { presets, known: KNOWN_NAMES }
  const shown = { path, ...typed, ...offered, problems, ...addressesOf(c, typed.id) }
  const trail = [{ label: 'Single sign-on', href: rootOf(c) }]
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: 'New provider', trail, status }, <NewSamlPage shown={shown} />)
}

export async function add(c: HttpContext): Promise<Response> {
  const { id, preset, metadata, ...rest } = await readForm(c, NewSamlForm)
  if (!isId(ID_PREFIXES.provider, id)) throw forbidden()
  const values = { ...rest, isEnabled: 'on' as const }
  const typed = { id, preset, values, metadata }
  const { shared, settings: told, problem } = samlInputOf(values)
  try {
    const read = await readMetadata(c.var.house, callerOf(c), metadata)
    const settings = { ...read, ...told, ca: null }
    const wish = { kind: 'saml', preset: SAML_PRESET_ROWS[preset].kept, ...shared, settings }
    const parsed = NewProvider.safeParse(wish)
    const problems = {
      ...(!parsed.success && providerProblems(parsed.error)),
      ...(problem !== undefined && { groupRoles: problem }),
    }
    if (!parsed.success || problem !== undefined) return await showForm(c, typed, problems)
    await addProvider(c.var.house, callerOf(c), parsed.data, id)
  } catch (error) {
    const field = fieldOf(error)
    if (field === undefined) throw error
    return showForm(c, typed, { [field]: (error as AppError).message })
  }
  const notice = 'The provider is added. Test it, then name the domains of its people.'
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice })
}

function fieldOf(error: unknown): 'metadata' | 'name' | undefined {
  if (!(error instanceof AppError)) return undefined
  if (error.code === 'invalid') return 'metadata'
  return error.code === 'conflict' ? 'name' : undefined
}

export async function show(c: HttpContext): Promise<Response> {
  return showOne(c, {})
}

async function showOne(c: HttpContext, problems: FieldProblems): Promise<Response> {
  const caller = callerOf(c)
  const { provider } = await getProvider(c.var.house, caller, providerIdOf(c))
  if (provider.kind !== 'saml') throw forbidden()
  const mayManage = can(caller, 'provider.manage')
  const shown = {
    path: `${rootOf(c)}/${provider.id}/saml`,
    issuer: provider.settings.issuer,
    keys: await listOwnKeys(c.var.house, caller, provider.id),
    steps: mayManage ? await lookAtProvider(c.var.house, caller, provider.id) : [],
    mayManage,
    problems,
    ...addressesOf(c, provider.id),
  }
  const trail = [
    { label: 'Single sign-on', href: rootOf(c) },
    { label: provider.name, href: `${rootOf(c)}/${provider.id}` },
  ]
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: 'SAML', trail, status }, <SamlPage shown={shown} />)
}

export async function makeKey(c: HttpContext): Promise<Response> {
  const { provider } = await getProvider(c.var.house, callerOf(c), providerIdOf(c))
  await addOwnKey(c.var.house, callerOf(c), provider.id)
  const notice = 'The key is made. Let the provider read our metadata, or give it the certificate.'
  return changed(c, { redirect: `${rootOf(c)}/${provider.id}/saml`, notice })
}

const EndForm = z.strictObject({ key: z.string().max(100) })

export async function endKey(c: HttpContext): Promise<Response> {
  const { provider } = await getProvider(c.var.house, callerOf(c), providerIdOf(c))
  const { key } = await readForm(c, EndForm)
  if (!isId(ID_PREFIXES.providerKey, key)) throw forbidden()
  await removeOwnKey(c.var.house, callerOf(c), provider.id, key)
  const redirect = `${rootOf(c)}/${provider.id}/saml`
  return changed(c, { redirect, notice: 'The key is taken away.' })
}

const RenewForm = z.strictObject({
  metadata: z.string().max(300_000).default(''),
  file: z.instanceof(File).optional(),
  isSeen: z.literal('yes').optional(),
})

/** Shows what would change first; what was seen, and no other text, is put in place then. */
export async function renew(c: HttpContext): Promise<Response> {
  const { provider } = await getProvider(c.var.house, callerOf(c), providerIdOf(c))
  if (provider.kind !== 'saml') throw forbidden()
  const { metadata: pasted, file, isSeen } = await readForm(c, RenewForm)
  const isFile = file !== undefined && file.size > 0
  const metadata = isFile ? (await file.text()).slice(0, 300_000) : pasted
  try {
    if (isSeen !== 'yes') {
      const read = await readMetadata(c.var.house, callerOf(c), metadata)
      const difference = differenceOf(provider.settings, read)
      return await showDifference(c, provider, { difference, metadata })
    }
    await renewMetadata(c.var.house, callerOf(c), provider.id, metadata)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid') throw error
    return showOne(c, { metadata: error.message })
  }
  const redirect = `${rootOf(c)}/${provider.id}/saml`
  return changed(c, { redirect, notice: 'The new metadata are in force.' })
}

function showDifference(
  c: HttpContext,
  provider: Provider,
  found: { readonly difference: MetadataDifference; readonly metadata: string },
): Promise<Response> {
  const path = `${rootOf(c)}/${provider.id}/saml`
  const trail = [
    { label: 'Single sign-on', href: rootOf(c) },
    { label: provider.name, href: `${rootOf(c)}/${provider.id}` },
    { label: 'SAML', href: path },
  ]
  const shown = { ...found, path }
  return page(c, { title: 'Newer metadata', trail }, <SamlDifferencePage shown={shown} />)
}
