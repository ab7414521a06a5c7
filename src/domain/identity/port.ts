// What the product asks of an identity provider, by whatever protocol. An adapter knows wire and
// cryptography and answers what was asserted; who that is here is decided in this domain.

import type { Instant } from '#kernel/time.ts'
import { portKey } from '#platform/ports.ts'
import type { Provider, ProviderWhole } from './provider.ts'
import type { SamlSettings } from './settings.ts'

export type { OidcProvider, ProviderWhole, SamlProvider } from './provider.ts'

/** What a provider says of somebody, all of it checked. */
export interface Asserted {
  /** The provider's own name for them, that it gives to nobody else ever. */
  readonly subject: string
  /** Lower case. */
  readonly email: string | null
  readonly isEmailVerified: boolean
  readonly name: string | null
  /** At most GROUPS_MAX. */
  readonly groups: readonly string[]
  /** There are more groups than are listed. */
  readonly groupsWereCut: boolean
  /** How the provider calls the session there, so that it can end it here. */
  readonly session: string | null
  /** Of a message that counts once, where the protocol has such: its id, and when it ends by itself. */
  readonly once?: { readonly id: string; readonly endsAt: Instant }
  /** Where a browser goes to end the session there, too. */
  readonly signOut?: string | undefined
  /** By which of two client secrets we proved who we are, where the protocol has such. */
  readonly secret?: 'last' | 'former'
  /** As they came, for the test page. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** More than anybody is in; a list of ten thousand is cut. */
export const GROUPS_MAX = 500

export interface Way {
  /** Single use; comes back with the answer. */
  readonly state: string
  readonly redirectUri: string
  /** They prove who they are anew, whatever session the provider has of them. */
  readonly forceProof: boolean
  /** The address they typed. */
  readonly hint: string | null
}

export interface Begun {
  readonly url: string
  /** What the answer is held against: nonce, verifier, request id. Sealed until then. */
  readonly kept: Readonly<Record<string, string>>
}

export interface Answer {
  readonly url: URL
  readonly form: Readonly<Record<string, string>>
}

/** One step of a test, in words for an admin. */
export interface Step {
  readonly name: string
  readonly verdict: 'good' | 'odd' | 'bad'
  readonly text: string
  /** What to do about it, in one sentence. */
  readonly advice?: string | undefined
}

/** A provider ended a session, or all of a person. */
export interface Ended {
  readonly subject: string | null
  readonly session: string | null
  /** Of the message: it counts once. */
  readonly id: string
  /** Where the browser that brought it goes then, with our answer. */
  readonly goOn?: string | undefined
}

/** Of a SAML provider, by its metadata. */
export type SamlDescription = Pick<
  SamlSettings,
  'issuer' | 'signOnUrl' | 'certificates' | 'logoutUrl'
>

/**
 * Throws `upstream`, `timeout`, `forbidden` of the outbound client, and `unauthenticated` for an answer
 * that does not hold; `details.why` says for the log and for admins what is wrong, the message what a
 * person can do.
 */
export interface IdentityPort {
  begin(provider: ProviderWhole, way: Way): Promise<Begun>
  finish(
    provider: ProviderWhole,
    kept: Readonly<Record<string, string>>,
    answer: Answer,
    now: Instant,
  ): Promise<Asserted>
  /** What can be told without a person. */
  look(provider: ProviderWhole): Promise<readonly Step[]>
  /** What a provider's own description says, where the protocol has one. Throws `invalid`. */
  readMetadata?(text: string): SamlDescription
  /** What a message of the provider itself ends; `at` is where it came to, as the provider knows us. */
  ended(provider: ProviderWhole, body: string, now: Instant, at?: string): Promise<Ended>
}

/** The adapter of a kind, loaded by its first use. */
export type OpenIdentity = (kind: Provider['kind']) => Promise<IdentityPort>

export const IDENTITY = portKey<OpenIdentity>('identity providers')
