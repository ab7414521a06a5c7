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
      /** For the person who stands there. */
      readonly message: string
      /** What they had by this provider's word is over. */
      readonly isWithdrawn: boolean
    }

export function judge(provider: Provider, asserted: Asserted, facts: Facts): Verdict {
  const mapped = mapGroups(provider, [...asserted.groups, ...facts.directoryGroups])
  const { account, isKnown } = facts
  if (account && account.user.state !== 'active') {
    return refuse('their account is suspended', 'Your account cannot come in. Ask an admin.')
  }
  if (facts.hasLeft) {
    return refuse('their directory says that they left', 'Your company closed your account here.')
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
    return refuse('no e-mail address was told', `${NOT_KNOWN} It did not tell your e-mail address.`)
  }
  if (!isEmailVerified && !isEmailTrusted) {
    return refuse(
      'their address is not verified',
      `${NOT_KNOWN} It does not vouch for your address.`,
    )
  }
  if (!isOwnDomain) {
    return refuse('the domain of their address is not a confirmed one of this provider', ASK)
  }
  if (!account) return undefined
  const isHere = account.membership !== undefined && account.elsewhere === 0
  if (isHere && !account.user.isOwner && !isTaken) return undefined
  const why = isTaken
    ? 'somebody else of the provider is connected with the account of this address'
    : 'the account of this address is not of this workspace alone'
  return refuse(
    why,
    'There is an account with your address. Sign in to it as before, then connect single sign-on on its page Account.',
  )
}

const NOT_KNOWN = 'Your provider let you in, but you are not known here.'
const ASK = `${NOT_KNOWN} Ask an admin to invite you.`

function noRole(isWithdrawn: boolean): Verdict {
  const message = 'Your provider let you in, but none of your groups has a role here. Ask an admin.'
  return { ...refuse('none of their groups gives a role', message), isWithdrawn }
}

function refuse(why: string, message: string) {
  return { kind: 'refuse' as const, why, message, isWithdrawn: false }
}
