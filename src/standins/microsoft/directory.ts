// What a Microsoft Entra tenant holds for a stand-in: app registrations with their secrets, certificates
// and application permissions, and the key that signs its tokens. Plain data that a test fills and bends.

import { randomBytes } from 'node:crypto'
import { jwtVerify } from 'jose'
import { instant, type Clock, type Instant } from '#kernel/time.ts'

export interface Registration {
  readonly clientId: string
  readonly name: string
  readonly secrets: { readonly value: string; readonly expiresAt: Instant }[]
  /** PEM. */
  readonly certificates: string[]
  /** Application permissions of Graph that an admin has consented to. */
  roles: string[]
  /** Whoever may not sign in from here: Conditional Access. */
  isBlocked: boolean
}

export interface Directory {
  readonly clock: Pick<Clock, 'now'>
  readonly tenant: string
  readonly registrations: Registration[]
  readonly signingKey: Uint8Array
  tokenSeconds: number
}

export const TENANT = '0b7a3f52-5d0e-4a43-9e0c-3f1f5a2f9b11'

export function makeDirectory(
  options: Pick<Directory, 'clock'> & Partial<Omit<Directory, 'signingKey'>>,
): Directory {
  return {
    tenant: TENANT,
    registrations: [],
    tokenSeconds: 3_599,
    signingKey: randomBytes(32),
    ...options,
  }
}

/** An app with one secret, which ends with the century. */
export function registrationOf(
  name: string,
  clientId: string,
  secret: string,
  more: Partial<Registration> = {},
): Registration {
  return {
    name,
    clientId,
    secrets: [{ value: secret, expiresAt: instant(Date.UTC(2099, 0)) }],
    certificates: [],
    roles: [],
    isBlocked: false,
    ...more,
  }
}

export type Bearer =
  | {
      readonly kind: 'known'
      readonly registration: Registration
      readonly roles: readonly string[]
    }
  /** Each service has its own words for these. */
  | { readonly kind: 'missing' | 'expired' | 'audience' | 'invalid' }

/** Who a request comes from, if it bears a token that this directory made for one of the audiences. */
export async function bearerOf(
  directory: Directory,
  authorization: string | undefined,
  audiences: readonly string[],
): Promise<Bearer> {
  const [, token] = /^Bearer (.+)$/.exec(authorization ?? '') ?? []
  if (token === undefined) return { kind: 'missing' }
  try {
    const currentDate = new Date(directory.clock.now())
    const { payload } = await jwtVerify(token, directory.signingKey, { currentDate })
    if (!audiences.includes(String(payload.aud).replace(/\/+$/, ''))) return { kind: 'audience' }
    const registration = directory.registrations.find(
      ({ clientId }) => clientId === payload['appid'],
    )
    if (registration === undefined) return { kind: 'invalid' }
    // As they were when the token was made: a consent given later is not in it.
    return { kind: 'known', registration, roles: payload['roles'] as readonly string[] }
  } catch (error) {
    const isExpired = error instanceof Error && error.name === 'JWTExpired'
    return { kind: isExpired ? 'expired' : 'invalid' }
  }
}
