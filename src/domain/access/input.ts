// What valid people and memberships are, for every door.

import { z } from 'zod'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import { ROLES } from './permission.ts'

/** Trimmed and in lower case. What an address may be is the mail server's to say; this keeps odd ones out. */
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'is longer than 254 characters')
  .regex(/^[^\s@<>"',;:\\()[\]\p{Cc}]+@[^\s@<>"',;:\\()[\]\p{Cc}]+$/u, 'is not an e-mail address')

export const PersonName = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(80, 'is longer than 80 characters')
  .regex(ONE_LINE, NOT_ONE_LINE)

export const NewUser = z.strictObject({
  email: Email,
  name: PersonName,
  isOwner: z.boolean().default(false),
})
export type NewUser = z.infer<typeof NewUser>

export const NewMember = z.strictObject({
  role: z.enum(ROLES),
  isApprover: z.boolean().default(false),
  isAuditor: z.boolean().default(false),
})
export type NewMember = z.infer<typeof NewMember>

/** What is left out stays as it is. */
export const MemberChange = z
  .strictObject({
    role: z.enum(ROLES).optional(),
    isApprover: z.boolean().optional(),
    isAuditor: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'changes nothing')
export type MemberChange = z.infer<typeof MemberChange>

export const NewInvitation = z.strictObject({ email: Email, ...NewMember.shape })
export type NewInvitation = z.infer<typeof NewInvitation>

/** What a person says of themselves when they make their account. What a password may be is password.ts. */
export const NewAccount = z.strictObject({ name: PersonName, password: z.string() })
export type NewAccount = z.infer<typeof NewAccount>

/** An IANA name such as `Europe/London`; nothing for the browser's. */
export const ProfileChange = z.strictObject({
  name: PersonName,
  timeZone: z
    .string()
    .trim()
    .max(64, 'is longer than 64 characters')
    .transform((zone) => (zone === '' ? null : zone))
    .refine((zone) => zone === null || isTimeZone(zone), 'is not one like Europe/London'),
})
export type ProfileChange = z.infer<typeof ProfileChange>

function isTimeZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false // the constructor throws for a zone it does not know
  }
}
