// `/w/{slug}/settings/single-sign-on/{id}`: one identity provider, its domains, and its test.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { changeProvider, getProvider, removeProvider } from '#domain/identity/actions.ts'
import { addDomain, decideDomain, enforceDomain, removeDomain } from '#domain/identity/domains.ts'
import { EmailDomainName, ProviderEdit } from '#domain/identity/input.ts'
import { isPublicDomain, secretEnds, type Provider } from '#domain/identity/provider.ts'
import { KNOWN_NAMES } from '#domain/identity/saml-names.ts'
import { lookAtProvider } from '#domain/identity/testing.ts'
import { AppError } from '#kernel/error.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import { ProviderPage, type ProviderFormShown } from '#views/settings/provider-page.tsx'
import { ProviderLookPage } from '#views/settings/provider-test-page.tsx'
import { callerOf, instanceCaller } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { checkInput, readForm } from '#http/input.ts'
import { inputOf, ProviderForm, providerProblems, valuesOf } from '#http/provider-form.ts'
import { changed, page } from '#http/respond.tsx'
import { SamlForm, samlInputOf, samlValuesOf } from '#http/saml-form.ts'
import { addressesOf, beginFor, providerIdOf } from '#http/sign-on.ts'

const listOf = (c: HttpContext): string => `${placeOf(c)}/settings/single-sign-on`
const pathOf = (c: HttpContext): string => `${listOf(c)}/${providerIdOf(c)}`
const trailOf = (c: HttpContext) => [{ label: 'Single sign-on', href: listOf(c) }]

export async function showProvider(c: HttpContext): Promise<Response> {
  return show(c, {})
}

interface Typed {
  readonly form?: ProviderFormShown
  readonly problems?: FieldProblems
  readonly domain?: string
}

async function show(
  c: HttpContext,
  { form, problems = {}, domain = '' }: Typed,
): Promise<Response> {
  const caller = callerOf(c)
  const { provider, domains, isSecretNew } = await getProvider(c.var.house, caller, providerIdOf(c))
  const shown = {
    path: pathOf(c),
    provider,
    domains,
    domain,
    form: form ?? formOf(provider),
    problems,
    addresses: addressesOf(c, provider.id),
    mayManage: can(caller, 'provider.manage'),
    ends: secretEnds(provider, caller.now),
    isSecretNew,
  }
  const status = Object.keys(problems).length > 0 ? 422 : 200
  const trail = trailOf(c)
  return page(c, { title: provider.name, trail, status }, <ProviderPage shown={shown} />)
}

const formOf = (provider: Provider): ProviderFormShown =>
  provider.kind === 'oidc'
    ? { kind: 'oidc', values: valuesOf(provider) }
    : { kind: 'saml', values: samlValuesOf(provider), known: KNOWN_NAMES }

export async function save(c: HttpContext): Promise<Response> {
  const { provider } = await getProvider(c.var.house, callerOf(c), providerIdOf(c))
  const { form, version, edit, problem } = await readTyped(c, provider)
  const parsed = ProviderEdit.safeParse(edit)
  if (!parsed.success || problem !== undefined) {
    const problems = {
      ...(!parsed.success && providerProblems(parsed.error)),
      ...(problem !== undefined && { groupRoles: problem }),
    }
    return show(c, { form, problems })
  }
  try {
    const expected = new Set([version])
    await changeProvider(c.var.house, callerOf(c), provider.id, { edit: parsed.data, expected })
  } catch (error) {
    const field = error instanceof AppError && FIELD_OF[error.code]
    if (!field) throw error
    return show(c, { form, problems: { [field]: error.message } })
  }
  return changed(c, { redirect: pathOf(c), notice: 'The provider is saved.' })
}

/** Of a name that is taken, and of requests that no key could sign. */
const FIELD_OF: Partial<Record<string, string>> = { conflict: 'name', invalid: 'signsRequests' }

/** What the form of its kind says; metadata stay as they are. */
async function readTyped(c: HttpContext, provider: Provider) {
  if (provider.kind === 'oidc') {
    const { version = '', ...values } = await readForm(c, ProviderForm)
    const { shared, settings, problem } = inputOf(values)
    const form: ProviderFormShown = { kind: 'oidc', values: { ...values, version } }
    return { form, version, edit: { ...shared, settings }, problem }
  }
  const { version, ...values } = await readForm(c, SamlForm)
  const { shared, settings: told, problem } = samlInputOf(values)
  const settings = { ...provider.settings, ...told }
  const form: ProviderFormShown = { kind: 'saml', values, known: KNOWN_NAMES }
  return { form, version, edit: { ...shared, settings }, problem }
}

export async function remove(c: HttpContext): Promise<Response> {
  await removeProvider(c.var.house, callerOf(c), providerIdOf(c))
  return changed(c, { redirect: listOf(c), notice: 'The provider is removed.' })
}

const DomainForm = z.strictObject({ domain: z.string().max(1_000) })

export async function addDomainOf(c: HttpContext): Promise<Response> {
  const id = await requireOwn(c)
  const { domain: typed } = await readForm(c, DomainForm)
  const parsed = EmailDomainName.safeParse(typed)
  const refuse = (problem: string) => show(c, { domain: typed, problems: { domain: problem } })
  if (!parsed.success) return refuse(`“${typed}” ${parsed.error.issues[0]!.message}.`)
  const domain = parsed.data
  try {
    await addDomain(c.var.house, callerOf(c), id, domain)
    const isInForce = await confirmOwn(c, { providerId: id, domain })
    const notice = isInForce
      ? `People of ${domain} sign in with this provider.`
      : `${domain} takes effect when an owner of this server confirms it.`
    return changed(c, { redirect: pathOf(c), notice })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return refuse(error.message)
  }
}

/** An owner who asks says yes by that, but for domains where anybody gets an address. */
async function confirmOwn(
  c: HttpContext,
  domain: { readonly providerId: Provider['id']; readonly domain: string },
): Promise<boolean> {
  const session = c.var.session!
  if (!session.person.isOwner || isPublicDomain(domain.domain)) return false
  await decideDomain(c.var.house, instanceCaller(c, session), domain, 'confirm')
  return true
}

export async function removeDomainOf(c: HttpContext): Promise<Response> {
  const id = await requireOwn(c)
  const { domain } = await readForm(c, DomainForm)
  await removeDomain(c.var.house, callerOf(c), id, checkInput(EmailDomainName, domain))
  return changed(c, { redirect: pathOf(c), notice: `${domain} is removed.` })
}

const EnforceForm = DomainForm.extend({ isEnforced: z.enum(['yes', 'no']) })

export async function enforceDomainOf(c: HttpContext): Promise<Response> {
  const id = await requireOwn(c)
  const { domain, isEnforced } = await readForm(c, EnforceForm)
  const given = { domain: checkInput(EmailDomainName, domain), isEnforced: isEnforced === 'yes' }
  await enforceDomain(c.var.house, callerOf(c), id, given)
  const notice = given.isEnforced
    ? `Passwords of ${domain} are refused from now on.`
    : `People of ${domain} may use passwords again.`
  return changed(c, { redirect: pathOf(c), notice })
}

export async function test(c: HttpContext): Promise<Response> {
  const { provider } = await getProvider(c.var.house, callerOf(c), providerIdOf(c))
  const steps = await lookAtProvider(c.var.house, callerOf(c), provider.id)
  const shown = { name: provider.name, path: pathOf(c), steps }
  const trail = [...trailOf(c), { label: provider.name, href: pathOf(c) }]
  return page(c, { title: 'Test', trail }, <ProviderLookPage shown={shown} />)
}

export async function beginTest(c: HttpContext): Promise<Response> {
  const id = await requireOwn(c)
  return beginFor(c, id, { purpose: 'test', next: null })
}

/** Before anything else is looked at: a foreign one and none are refused the same. */
async function requireOwn(c: HttpContext): Promise<Provider['id']> {
  return (await getProvider(c.var.house, callerOf(c), providerIdOf(c))).provider.id
}
