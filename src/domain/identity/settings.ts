// What each kind of provider is told: where it is and who we are there. Read by doors, and again when
// it comes back from a column.

import { z } from 'zod'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import { isCertificateBundle } from '#platform/certificates.ts'

const Line = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(max, `is longer than ${max} characters`)
    .regex(ONE_LINE, NOT_ONE_LINE)

/** Certificates in PEM that stand for the machine's authorities; null for those. */
const Ca = z
  .string()
  .max(64 * 1024, 'is too long')
  .trim()
  .refine((text) => isCertificateBundle(text), 'holds no certificates in PEM')
  .nullable()

/** `http` is for loopback and private networks that the operator opens. */
const Address = Line(500).refine(isAddress, 'is no address like https://login.example.com')

export const OidcSettings = z.strictObject({
  /** Exactly as the provider writes it in its tokens. */
  issuer: Address,
  clientId: Line(300),
  /** The claim that lists somebody's groups. */
  groupsClaim: Line(200),
  /** Beyond `openid email profile`. */
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'is no scope')).max(10),
  /** Of Google: the one Workspace domain whose people come in. */
  hostedDomain: Line(253).nullable(),
  ca: Ca,
})
export type OidcSettings = z.infer<typeof OidcSettings>

const Certificate = z
  .string()
  .max(16 * 1024, 'is too long')
  .trim()
  .refine((text) => isCertificateBundle(text), 'holds no certificate in PEM')

export const SamlSettings = z.strictObject({
  /** The entity id of the provider. */
  issuer: Line(1_000),
  /** Where a browser goes to sign in. */
  signOnUrl: Address,
  /** Any of them may sign: two while one is exchanged. */
  certificates: z.array(Certificate).min(1, 'is empty').max(10),
  /** Null: the NameID names somebody. */
  subjectAttribute: Line(500).nullable(),
  emailAttribute: Line(500).nullable(),
  nameAttribute: Line(500).nullable(),
  groupsAttribute: Line(500).nullable(),
  ca: Ca,
  /** Where the provider takes the answer to a logout of its own; null: it wants none. */
  logoutUrl: Address.nullable().default(null),
  /** Its requests are signed by our key. */
  signsRequests: z.boolean().default(false),
})
export type SamlSettings = z.infer<typeof SamlSettings>

function isAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:'
  return isHttp && url.username === '' && url.password === '' && url.hash === ''
}
