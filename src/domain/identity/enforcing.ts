// Where single sign-on is enforced, a password is refused by a sentence that names the provider: whoever
// leaves the company at the provider has left here, too.

import { readBreakIn, tellOfBreakIn } from '#domain/access/break-in.ts'
import type { User } from '#domain/access/person.ts'
import { AppError } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { findProviderFor } from './domains.ts'

/**
 * For somebody who has just proved a factor of their own: throws `forbidden` where they have to sign in by
 * their provider. A break-in account passes, and its admins are told.
 */
export async function refuseEnforced(
  house: House,
  visitor: Caller,
  user: Pick<User, 'id' | 'email' | 'name'>,
): Promise<void> {
  const provider =
    user.email === null ? undefined : await findProviderFor(house, visitor, user.email)
  if (!provider?.isEnforced) return
  const { workspaceId, name } = provider
  const isBreakIn = await readBreakIn(house, visitor, workspaceId, user.id)
  if (isBreakIn === undefined) return
  if (!isBreakIn) throw enforced(name)
  await tellOfBreakIn(house, visitor, workspaceId, { userId: user.id, name: user.name })
}

/**
 * For an address whose password did not fit: the refusal that its owner gets where its domain is enforced.
 * It knows the domain alone, so it tells nothing of who has an account, or how near a guess came.
 */
export async function enforcedFor(
  house: House,
  visitor: Caller,
  email: string,
): Promise<AppError | undefined> {
  const provider = await findProviderFor(house, visitor, email)
  return provider?.isEnforced === true ? enforced(provider.name) : undefined
}

/** Whether it is that refusal. */
export function isEnforced(error: unknown): error is AppError {
  return error instanceof AppError && error.details['isEnforced'] === true
}

function enforced(name: string): AppError {
  return new AppError(
    'forbidden',
    `People with your address sign in with ${name}. Use single sign-on.`,
    { details: { isEnforced: true } },
  )
}
