// An identity provider of a workspace: where its people sign in, what it may say about them, and what
// that makes of them here. The decisions are pure; who is who is found by the provider's own name for
// somebody, never by an e-mail address alone.

import type { Flag, Role } from '#domain/access/permission.ts'
import { ROLES } from '#domain/access/permission.ts'
import type { Actor } from '#kernel/actor.ts'
import type { ProviderId, WorkspaceId } from '#kernel/id.ts'
import { DAY, type Instant } from '#kernel/time.ts'
import type { OwnCertificate } from '#platform/own-certificate.ts'
import type { OidcSettings, SamlSettings } from './settings.ts'

/** A group of the provider and what its people are here. */
export interface GroupRole {
  readonly group: string
  readonly role: Role
  readonly isApprover: boolean
  readonly isAuditor: boolean
}

interface Shared {
  readonly id: ProviderId
  readonly workspaceId: WorkspaceId
  readonly preset: Preset
  readonly name: string
  readonly isEnabled: boolean
  /** Its e-mail addresses count as verified though it does not say so of each. */
  readonly isEmailTrusted: boolean
  /** Of whoever is in none of the groups; null: they do not come in. */
  readonly defaultRole: Role | null
  readonly groupRoles: readonly GroupRole[]
  /** When the secret stops working there, as somebody said. */
  readonly secretExpiresAt: Instant | null
  /** So long after it began a session here ends, and the provider is asked again. */
  readonly sessionHours: number
  /** When an admin of the workspace came in this way last. */
  readonly adminCameAt: Instant | null
  readonly version: number
  readonly createdAt: Instant
  readonly createdBy: Actor
  readonly changedAt: Instant
  readonly changedBy: Actor
}

export const PRESETS = ['okta', 'entra', 'google', 'generic'] as const
export type Preset = (typeof PRESETS)[number]

export interface OidcProvider extends Shared {
  readonly kind: 'oidc'
  readonly settings: OidcSettings
}

export interface SamlProvider extends Shared {
  readonly kind: 'saml'
  readonly settings: SamlSettings
}

export type Provider = OidcProvider | SamlProvider

/** With its secrets open: for a port, and for as long as one call. */
export type ProviderWhole = Provider & {
  readonly secrets: Readonly<Record<string, string>>
  /** Of one by SAML, oldest first: the first signs, any of them opens what is encrypted for us. */
  readonly ownKeys?: readonly OwnCertificate[]
}

/** An e-mail domain and the provider its people sign in at. */
export interface EmailDomain {
  /** Lower case. */
  readonly domain: string
  readonly providerId: ProviderId
  /** Its members' passwords are refused. */
  readonly isEnforced: boolean
  readonly askedAt: Instant
  readonly askedBy: Actor
  /** Null while an owner of the instance has not confirmed it: it has no effect. */
  readonly confirmedAt: Instant | null
  readonly confirmedBy: Actor | null
}

/** A working day: whoever was suspended at the provider is out by the next. */
export const SESSION_HOURS = 10
export const SESSION_HOURS_MAX = 24

const WARNED_MS = 30 * DAY

export type SecretEnd = 'later' | 'soon' | 'over'

/** How near the end of its secret is. */
export function secretEnds(
  { secretExpiresAt }: Pick<Provider, 'secretExpiresAt'>,
  now: Instant,
): SecretEnd {
  if (secretExpiresAt === null || secretExpiresAt - now > WARNED_MS) return 'later'
  return secretExpiresAt > now ? 'soon' : 'over'
}

/** The part of an address behind the @, in lower case; undefined for what is none. */
export function domainOf(email: string): string | undefined {
  const at = email.lastIndexOf('@')
  return at < 1 || at === email.length - 1 ? undefined : email.slice(at + 1).toLowerCase()
}

/** Where anybody gets an address: an owner must say that one of these belongs to somebody. */
const PUBLIC_DOMAINS: ReadonlySet<string> = new Set([
  'aol.com',
  'fastmail.com',
  'gmail.com',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hotmail.com',
  'icloud.com',
  'live.com',
  'mail.com',
  'mail.ru',
  'me.com',
  'msn.com',
  'outlook.com',
  'proton.me',
  'protonmail.com',
  'qq.com',
  'web.de',
  'yahoo.com',
  'yandex.ru',
])

export function isPublicDomain(domain: string): boolean {
  return PUBLIC_DOMAINS.has(domain)
}

/** What a provider's groups make of somebody. */
export interface Mapped {
  /** Null: nothing gives them a role. */
  readonly role: Role | null
  /** Undefined: no group gives this flag, so people do. */
  readonly isApprover: boolean | undefined
  readonly isAuditor: boolean | undefined
  /** The group that gave the role; null for the default role. */
  readonly group: string | null
}

/**
 * The strongest role that one of the groups gives, else the default role. Flags come from every group
 * that fits.
 */
export function mapGroups(
  { groupRoles, defaultRole }: Pick<Provider, 'groupRoles' | 'defaultRole'>,
  groups: readonly string[],
): Mapped {
  const has = new Set(groups)
  const fitting = groupRoles.filter(({ group }) => has.has(group))
  const [strongest] = fitting.toSorted((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role))
  const flag = (name: 'isApprover' | 'isAuditor') =>
    groupRoles.some((one) => one[name]) ? fitting.some((one) => one[name]) : undefined
  return {
    role: strongest?.role ?? defaultRole,
    isApprover: flag('isApprover'),
    isAuditor: flag('isAuditor'),
    group: strongest?.group ?? null,
  }
}

/** For people: `engineer, approver`. */
export function wordsOf({ role, isApprover, isAuditor }: Mapped): string {
  const flags: readonly (Flag | false)[] = [
    isApprover === true && 'approver',
    isAuditor === true && 'auditor',
  ]
  return [role ?? 'no role', ...flags.filter((flag) => flag !== false)].join(', ')
}
