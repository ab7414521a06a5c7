// A target: a SIEM of the workspace, how it is reached, what may be done there, and how it is. Pure.

import type { Actor } from '#kernel/actor.ts'
import { AppError } from '#kernel/error.ts'
import type { CredentialId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { DAY, type Instant } from '#kernel/time.ts'
import type { Credential, Dependants, SchemaAnswer, SiemKind } from './port.ts'
import type { HealthFacts, HealthState } from './health.ts'

export const STAGES = ['dev', 'test', 'production'] as const
export type Stage = (typeof STAGES)[number]
export const MODES = ['read_only', 'read_write'] as const
export type Mode = (typeof MODES)[number]
export const DEPLOYS = ['api', 'artefact'] as const
export type Deploy = (typeof DEPLOYS)[number]

/** Minutes between two health checks. */
export const CHECK_MINUTES = [1, 5, 10, 15, 30, 60] as const

/** The sandbox that every workspace has. */
export const LOCAL_NAME = 'local'

export interface Target {
  readonly id: TargetId
  /** Unique in the workspace; overlays of rules name it. */
  readonly name: string
  readonly kind: SiemKind
  readonly stage: Stage
  readonly mode: Mode
  readonly deploy: Deploy
  /** Of the kind (settings.ts). */
  readonly settings: Settings
  /** Certificates in PEM that stand for the machine's authorities. */
  readonly ca: string | null
  readonly pins: readonly string[]
  /** What rules name as `${index.windows}`. */
  readonly parameters: Readonly<Record<string, string>>
  /** Searches at a time. */
  readonly concurrency: number
  readonly checkMinutes: number
  readonly version: number
  readonly createdAt: Instant
  readonly createdBy: Actor
  readonly changedAt: Instant
  readonly changedBy: Actor
}

export type Settings = { readonly [name: string]: Json }

export const PURPOSES = ['read', 'write'] as const
export type Purpose = (typeof PURPOSES)[number]
export type Slot = 'current' | 'next' | 'previous'

/** What may be told about a credential: everything but the secret. */
export interface CredentialSummary {
  readonly id: CredentialId
  readonly purpose: Purpose
  readonly slot: Slot
  readonly kind: Credential['kind']
  /** Who it is: a user, a client id. Empty where the secret is all there is. */
  readonly label: string
  readonly expiresAt: Instant | null
  /** Subject of the certificate that it shows or signs with; null without one. */
  readonly certificate: string | null
  readonly certificateEndsAt: Instant | null
  /** Who the target said it is, when it was last let in. */
  readonly identity: string | null
  /**
   * Of a next one: what hangs on the one in force, as the check found it. Null where that is not known
   * yet, or nothing can hang on it.
   */
  readonly dependants: KnownDependants | null
  readonly checkedAt: Instant | null
  /** What was wrong at the last check; null when it was fine. */
  readonly problem: string | null
  /** Until when a previous one can be brought back. */
  readonly endsAt: Instant | null
  readonly createdAt: Instant
  readonly createdBy: Actor
}

export interface KnownDependants extends Dependants {
  readonly at: Instant
  /** Of all, also where fewer are kept. */
  readonly count: number
}

export interface HealthChange extends Pick<TargetHealth, 'state' | 'reason'> {
  readonly at: Instant
}

export interface TargetHealth {
  readonly state: HealthState
  /** One sentence; empty while healthy. */
  readonly reason: string
  readonly since: Instant
  /** Null: never. */
  readonly checkedAt: Instant | null
  readonly facts: HealthFacts
}

export interface TargetSchema {
  readonly answer: SchemaAnswer
  readonly at: Instant
}

/** A promoted credential can be taken back for so long. */
export const REVERT_MS = DAY

/** The one place that refuses a write: every write on a target passes it. Throws `forbidden`. */
export function requireWritable({ name, mode }: Pick<Target, 'name' | 'mode'>): void {
  if (mode === 'read_write') return
  throw new AppError(
    'forbidden',
    `The target ${name} is read-only: nothing is written there. An admin can change that in its settings.`,
  )
}

/** When a credential ends: it, or the certificate that goes with it. */
export function endOf({
  expiresAt,
  certificateEndsAt,
}: Pick<CredentialSummary, 'expiresAt' | 'certificateEndsAt'>): Instant | null {
  if (expiresAt === null || certificateEndsAt === null) return expiresAt ?? certificateEndsAt
  return expiresAt < certificateEndsAt ? expiresAt : certificateEndsAt
}

/** Who the credential is, without the secret. */
export function labelOf(credential: Credential): string {
  switch (credential.kind) {
    case 'none':
    case 'token':
      return ''
    case 'basic':
      return credential.user
    case 'api_key':
      return credential.id
    case 'client_secret':
    case 'client_assertion':
      return credential.clientId
  }
}
