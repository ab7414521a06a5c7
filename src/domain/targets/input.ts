// What doors accept about targets and credentials.

import { z } from 'zod'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import { parseInstant } from '#kernel/time.ts'
import { isCertificateBundle, problemOfCertifiedKey } from '#platform/certificates.ts'
import type { Credential } from './port.ts'
import { TARGET_KIND_ROWS, TARGET_KINDS } from './settings.ts'
import { CHECK_MINUTES, DEPLOYS, MODES, PURPOSES, STAGES } from './target.ts'

const PARAMETERS_MAX = 100

export const TargetName = z
  .string()
  .trim()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'is no short name: small letters, digits and dashes, such as splunk-london',
  )

const Parameters = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/, 'is no name of a parameter such as index.windows')
      .max(100),
    z.string().max(500).regex(ONE_LINE, NOT_ONE_LINE),
  )
  .refine((given) => Object.keys(given).length <= PARAMETERS_MAX, 'holds too many parameters')

const Pin = z
  .string()
  .trim()
  .transform((text) => text.replace(/^sha256\/{1,2}/, ''))
  .refine((text) => Buffer.from(text, 'base64').length === 32, 'is no SHA-256 in base64')

const Ca = z
  .string()
  .max(64 * 1024, 'is too long')
  .transform((text) => text.trim())
  .refine((text) => text === '' || isCertificateBundle(text), 'holds no certificates in PEM')
  .transform((text) => (text === '' ? null : text))
  .nullable()

const Minutes = z.int().refine((value) => (CHECK_MINUTES as readonly number[]).includes(value), {
  message: `is none of ${CHECK_MINUTES.join(', ')} minutes`,
})

const shared = {
  name: TargetName,
  stage: z.enum(STAGES),
  mode: z.enum(MODES),
  deploy: z.enum(DEPLOYS),
  ca: Ca,
  pins: z.array(Pin).max(10),
  parameters: Parameters,
  concurrency: z.int().min(1).max(50),
  checkMinutes: Minutes,
}

const Settings = z.record(z.string().max(64), z.unknown())

/** `settings` are checked against the schema of the kind. */
export const NewTarget = z
  .strictObject({
    ...shared,
    kind: z.enum(TARGET_KINDS).exclude(['local']),
    stage: shared.stage.default('production'),
    mode: shared.mode.default('read_only'),
    deploy: shared.deploy.default('api'),
    ca: Ca.default(null),
    pins: shared.pins.default([]),
    parameters: shared.parameters.default({}),
    concurrency: shared.concurrency.default(4),
    checkMinutes: shared.checkMinutes.default(5),
    settings: Settings,
  })
  .superRefine(({ kind, settings }, context) => {
    for (const issue of TARGET_KIND_ROWS[kind].schema.safeParse(settings).error?.issues ?? []) {
      const path = ['settings', ...issue.path]
      context.addIssue({ code: 'custom', path, message: issue.message })
    }
  })
export type NewTarget = z.infer<typeof NewTarget>

/** The kind stays; settings are looked at with it. */
export const TargetEdit = z
  .strictObject({ ...shared, settings: Settings })
  .partial()
  .refine((edit) => Object.keys(edit).length > 0, 'names nothing to change')
export type TargetEdit = z.infer<typeof TargetEdit>

const Secret = z
  .string()
  .min(1, 'is empty')
  .max(16 * 1024, 'is too long')
  // It goes into a header, where a line break would begin another.
  .regex(ONE_LINE, NOT_ONE_LINE)
const Text = Secret.max(200, 'is too long')
const Pem = z
  .string()
  .max(16 * 1024, 'is too long')
  .trim()
  .startsWith('-----BEGIN ', 'is no PEM')
const Tenant = z
  .string()
  .trim()
  .regex(/^[\w.-]{1,100}$/, 'is no tenant: its id, or its domain')

export const CredentialInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('token'), token: Secret }),
  z.strictObject({ kind: z.literal('basic'), user: Text, password: Secret }),
  z.strictObject({ kind: z.literal('api_key'), id: Text, key: Secret }),
  z.strictObject({
    kind: z.literal('client_secret'),
    tenant: Tenant,
    clientId: Text,
    secret: Secret,
  }),
  z.strictObject({
    kind: z.literal('client_assertion'),
    tenant: Tenant,
    clientId: Text,
    privateKey: Pem,
    certificate: Pem,
  }),
]) satisfies z.ZodType<Credential>

const PROBLEMS = {
  certificate: ['certificate', 'holds no certificates in PEM'],
  privateKey: ['privateKey', 'is no private key in PEM without a passphrase'],
  pair: ['privateKey', 'is not the key of this certificate'],
} as const

/** What is shown when a connection is made, beside the credential. */
export const ClientCertificate = z
  .strictObject({
    certificate: z
      .string()
      .max(64 * 1024, 'is too long')
      .trim(),
    privateKey: Pem,
  })
  .superRefine((pair, context) => {
    const problem = problemOfCertifiedKey(pair)
    if (problem === undefined) return
    const [field, message] = PROBLEMS[problem]
    context.addIssue({ code: 'custom', path: [field], message })
  })

/** What is signed with must fit as what is shown does. */
const NewSecret = CredentialInput.superRefine((credential, context) => {
  if (credential.kind !== 'client_assertion') return
  const problem = problemOfCertifiedKey(credential)
  if (problem === undefined) return
  const [field, message] = PROBLEMS[problem]
  context.addIssue({ code: 'custom', path: [field], message })
})

export const NewCredential = z.strictObject({
  purpose: z.enum(PURPOSES),
  credential: NewSecret,
  /** For a target that asks for one. Sealed with the credential. */
  clientCertificate: ClientCertificate.optional(),
  /** When it stops working, where the person knows and the target does not tell. */
  expiresAt: z.iso
    .datetime({ offset: true })
    .transform((text) => parseInstant(text)!)
    .optional(),
})
export type NewCredential = z.infer<typeof NewCredential>
