// From the claims of a provider to what it asserts of somebody.

import { GROUPS_MAX, type Asserted, type OidcProvider } from '#domain/identity/port.ts'
import { ADVICE } from './advice.ts'
import { refusal } from './refusal.ts'

type Claims = Readonly<Record<string, unknown>> & { readonly sub: string }

const EMAIL_CHARACTERS_MAX = 254

/** Throws `unauthenticated` for somebody of another Google Workspace domain. */
export function assertedOf(
  { preset, settings }: Pick<OidcProvider, 'preset' | 'settings'>,
  claims: Claims,
): Asserted {
  const { groupsClaim, hostedDomain } = settings
  if (preset === 'entra') requireTenant(settings, claims)
  if (hostedDomain !== null && textOf(claims['hd'])?.toLowerCase() !== hostedDomain.toLowerCase()) {
    throw refusal(
      `the account is not of ${hostedDomain} (hd)`,
      `This account is not one of ${hostedDomain}. Choose that one at your provider.`,
      ADVICE.hosted,
    )
  }
  const all = groupsOf(claims, groupsClaim)
  return {
    subject: claims.sub,
    email: emailOf(preset, claims),
    isEmailVerified: isTrue(claims['email_verified']) || isTrue(claims['xms_edov']),
    name: textOf(claims['name']) ?? null,
    groups: all.slice(0, GROUPS_MAX),
    groupsWereCut: all.length > GROUPS_MAX || isOverage(claims, groupsClaim),
    session: textOf(claims['sid']) ?? null,
    claims,
  }
}

const ENTRA_HOSTS: ReadonlySet<string> = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
])

/**
 * A tenant vouches for its own people only. The issuer names the tenant, and the token says it again; one
 * for all tenants names none, and is refused.
 */
function requireTenant({ issuer }: OidcProvider['settings'], claims: Claims): void {
  const { hostname, pathname } = new URL(issuer)
  if (!ENTRA_HOSTS.has(hostname)) return
  const tenant = /^\/([\da-f-]{36})\/v2\.0\/?$/i.exec(pathname)?.[1]?.toLowerCase()
  const told = textOf(claims['tid'])?.toLowerCase()
  if (tenant !== undefined && told === tenant) return
  throw refusal(
    `the account is of another tenant than the issuer’s (tid ${told ?? 'is missing'})`,
    'This account is of another company. Choose the one of yours at your provider.',
    ADVICE.tenant,
  )
}

const OF_ADDRESS = ['email', 'email_verified', 'xms_edov'] as const

/**
 * What the token says, and what the provider tells beside it. An address and the word that it is verified
 * come from the same place, or that word would be about another address.
 */
export function joinClaims(token: Claims, beside: Readonly<Record<string, unknown>>): Claims {
  const joined: Record<string, unknown> = { ...beside, ...token }
  const email = token['email']
  if (email !== undefined && email === beside['email']) return { ...joined, sub: token.sub }
  const from = email === undefined && beside['email'] !== undefined ? beside : token
  for (const name of OF_ADDRESS) {
    if (from[name] === undefined) delete joined[name]
    else joined[name] = from[name]
  }
  return { ...joined, sub: token.sub }
}

/** Entra ID often sends no address; there the name to sign in by has the shape of one. */
function emailOf(preset: OidcProvider['preset'], claims: Claims): string | null {
  const told =
    textOf(claims['email']) ??
    (preset === 'entra' ? textOf(claims['preferred_username']) : undefined)
  const email = told?.trim().toLowerCase() ?? ''
  return /^[^\s@]+@[^\s@]+$/.test(email) && email.length <= EMAIL_CHARACTERS_MAX ? email : null
}

/** A list, one group as a text, or either of them further in (`realm_access.roles`). */
function groupsOf(claims: Claims, claim: string): readonly string[] {
  const found = Object.hasOwn(claims, claim) ? claims[claim] : findWithin(claims, claim.split('.'))
  const listed = Array.isArray(found) ? (found as readonly unknown[]) : [found]
  const groups = listed.filter((one) => typeof one === 'string' && one !== '') as string[]
  return [...new Set(groups)]
}

function findWithin(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value
  const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return isThere ? findWithin((value as Record<string, unknown>)[name], rest) : undefined
}

/** Entra ID names another place for the groups of whoever is in more than 200. */
function isOverage(claims: Claims, claim: string): boolean {
  const names = claims['_claim_names']
  const isNamed = typeof names === 'object' && names !== null && Object.hasOwn(names, claim)
  return isNamed || isTrue(claims['hasgroups'])
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
const isTrue = (value: unknown) => value === true || value === 'true'
