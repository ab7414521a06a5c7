// Whether somebody whom a provider names comes in, and as what: a pure decision, which the test page shows
// in words and sign-in carries out.

import type { FoundAccount, ProvidedRole } from '#domain/access/provided.ts'
import type { Asserted } from './port.ts'
import { mapGroups, type Mapped, type Provider } from './provider.ts'

export interface Facts {
  /** The provider's name for them leads to an account. */
  readonly isKnown: boolean
  /** That account; for somebody who is not known, the one with their address. */
  readonly account: FoundAccount | undefined
  /** An owner confirmed that the domain of their address is this provider's. */
  readonly isOwnDomain: boolean
  /** Somebody else of this provider is that account already. */
  readonly isTaken: boolean
  /** The directory of the provider says that they are gone. */
  readonly hasLeft: boolean
  /** In which groups that directory has them, beside those of the answer. */
  readonly directoryGroups: readonly string[]
}

export type Verdict =
  | {
      readonly kind: 'enter' | 'connect' | 'make'
      /** Undefined: they keep what a person gave them. */
      readonly gives: ProvidedRole | undefined
    }
  | {
      readonly kind: 'refuse'
      /** For the log and for admins. */
      readonly why: string
      /** For the admin who tests: what would let them in. */
      readonly advice: string
      /** For the person who stands there. */
      readonly message: string
      /** What they had by this provider's word is over. */
      readonly isWithdrawn: boolean
    }

export function judge(provider: Provider, asserted: Asserted, facts: Facts): Verdict {
  const mapped = mapGroups(provider, [...asserted.groups, ...facts.directoryGroups])
  const { account, isKnown } = facts
  if (account && account.user.state !== 'active') {
    return refuse('their account is suspended', {
      message: 'Your account cannot come in. Ask an admin.',
      advice: 'An owner of this server lets the account in again, under Instance, People.',
    })
  }
  if (facts.hasLeft) {
    return refuse('their directory says that they left', {
      message: 'Your company closed your account here.',
      advice: 'Assign the person to the application of the directory (SCIM) there again.',
    })
  }
  if (isKnown && account) return judgeKnown(provider, mapped, account)
  const strange = judgeStranger(provider, asserted, facts)
  if (strange) return strange
  if (account) return { kind: 'connect', gives: givenTo(provider, mapped, account) }
  if (mapped.role === null) return noRole(false)
  return { kind: 'make', gives: { ...mapped, role: mapped.role } }
}

function judgeKnown(provider: Provider, mapped: Mapped, account: FoundAccount): Verdict {
  const { membership } = account
  const isOurs = !membership || membership.providerId === provider.id
  if (mapped.role === null && isOurs) return noRole(true)
  return { kind: 'enter', gives: givenTo(provider, mapped, account) }
}

/** Undefined for somebody whom a person made a member and whom no group names: they stay what they are. */
function givenTo(
  provider: Provider,
  mapped: Mapped,
  { membership }: FoundAccount,
): ProvidedRole | undefined {
  const isByHand = membership !== undefined && membership.providerId !== provider.id
  if (mapped.role === null || (isByHand && mapped.group === null)) return undefined
  return { ...mapped, role: mapped.role }
}

function judgeStranger(
  { isEmailTrusted }: Provider,
  { email, isEmailVerified }: Asserted,
  { account, isOwnDomain, isTaken }: Facts,
): Verdict | undefined {
  if (email === null) {
    return refuse('no e-mail address was told', {
      message: `${NOT_KNOWN} It did not tell your e-mail address.`,
      advice: 'Let the provider send the claim email.',
    })
  }
  if (!isEmailVerified && !isEmailTrusted) {
    return refuse('their address is not verified', {
      message: `${NOT_KNOWN} It does not vouch for your address.`,
      advice:
        'Let the provider send email_verified, or say here that its addresses count as verified.',
    })
  }
  if (!isOwnDomain) {
    return refuse('the domain of their address is not a confirmed one of this provider', {
      message: ASK,
      advice:
        'Add the domain on the page of this provider, and let an owner of the server confirm it.',
    })
  }
  if (!account) return undefined
  const isHere = account.membership !== undefined && account.elsewhere === 0
  if (isHere && !account.user.isOwner && !isTaken) return undefined
  const why = isTaken
    ? 'somebody else of the provider is connected with the account of this address'
    : 'the account of this address is not of this workspace alone'
  return refuse(why, {
    message:
      'There is an account with your address. Sign in to it as before, then connect single sign-on on its page Account.',
    advice: 'The person signs in as before and connects on their page Account, Single sign-on.',
  })
}

const NOT_KNOWN = 'Your provider let you in, but you are not known here.'
const ASK = `${NOT_KNOWN} Ask an admin to invite you.`

function noRole(isWithdrawn: boolean): Verdict {
  const message = 'Your provider let you in, but none of your groups has a role here. Ask an admin.'
  const advice =
    'Put the person into one of the groups that are listed on the page of this provider, add a line for a group of theirs, or choose a default role.'
  return { ...refuse('none of their groups gives a role', { message, advice }), isWithdrawn }
}

function refuse(why: string, told: { readonly message: string; readonly advice: string }) {
  return { kind: 'refuse' as const, why, ...told, isWithdrawn: false }
}
