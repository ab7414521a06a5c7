// What admins see of a directory: the people and groups it tells of, what that made of them here, and who
// has no account because of what. It decides nothing; provisioning.ts does.

import { findAccount } from '#domain/access/provided.ts'
import { permit, type Role } from '#domain/access/permission.ts'
import type { ProviderId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { mapGroups, type Provider } from './provider.ts'
import { isOwnAddress } from './provisioning.ts'
import {
  countTold,
  selectTold,
  selectToldGroups,
  type ToldFilter,
  type ToldGroup,
} from './scim-directory-store.ts'
import { selectGroupsOf } from './scim-group-store.ts'
import { namesOf, type ScimPerson } from './scim.ts'
import { getProviderRow } from './store.ts'

/** Somebody of a directory, and what they are here. */
export interface ToldPerson {
  readonly person: ScimPerson
  /** Names of their groups. */
  readonly groups: readonly string[]
  readonly standing: Standing
}

export type Standing =
  | { readonly kind: 'left' }
  /** `by`: a group, the default role, or somebody here. */
  | { readonly kind: 'member'; readonly role: Role; readonly by: string }
  /** They are no member, and `why` says what to do. */
  | { readonly kind: 'apart'; readonly why: string }

export interface TellsOf {
  readonly people: number
  readonly left: number
  /** Active, with no account here. */
  readonly apart: number
  readonly groups: number
}

/** By user name. Throws `forbidden` for a provider that is not here. */
export async function listTold(
  house: House,
  caller: Caller,
  providerId: ProviderId,
  filter: ToldFilter,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<Page<ToldPerson> & { readonly count: number }> {
  permit(caller, 'provider.read')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const { provider } = await getProviderRow(db, key, caller.scope, providerId)
  const { items, next } = await readPage({
    ...page,
    key: house.keys.purpose('cursor'),
    binding: { list: 'told', providerId, q: filter.q, standing: filter.standing ?? null },
    placeOf: ({ userName, id }: ScimPerson) => ({ name: userName.toLowerCase(), id }),
    select: (wanted) => selectTold(db, key, providerId, filter, wanted),
  })
  const told: ToldPerson[] = []
  for (const person of items) {
    const groups = await selectGroupsOf(db, key, person.id)
    const standing = await standingOf(db, house, caller, provider, person, groups.flatMap(namesOf))
    told.push({ person, groups: groups.map(({ displayName }) => displayName), standing })
  }
  const counts = await countTold(db, providerId, filter)
  return { items: told, next, count: counts.people }
}

/** Groups by name, with how many are in each and what they are here. */
export async function listToldGroups(
  house: House,
  caller: Caller,
  providerId: ProviderId,
  q: string,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<Page<ToldGroup & { readonly role: Role | null }>> {
  permit(caller, 'provider.read')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const { provider } = await getProviderRow(db, key, caller.scope, providerId)
  const { items, next } = await readPage({
    ...page,
    key: house.keys.purpose('cursor'),
    binding: { list: 'told-groups', providerId, q },
    placeOf: ({ group }: ToldGroup) => ({ name: group.displayName, id: group.id }),
    select: (wanted) => selectToldGroups(db, key, providerId, q, wanted),
  })
  const roleOf = (names: readonly string[]) =>
    mapGroups({ groupRoles: provider.groupRoles, defaultRole: null }, names).role
  return { items: items.map((one) => ({ ...one, role: roleOf(namesOf(one.group)) })), next }
}

/** How much a directory tells of. */
export async function readTellsOf(
  house: House,
  caller: Caller,
  providerId: ProviderId,
): Promise<TellsOf> {
  permit(caller, 'provider.read')
  const db = house.db.read(caller.scope)
  await getProviderRow(db, house.keys.purpose('row-mac'), caller.scope, providerId)
  return countTold(db, providerId, { q: '' })
}

async function standingOf(
  db: Pick<Reader, 'selectFrom'>,
  house: House,
  caller: Caller,
  provider: Provider,
  person: ScimPerson,
  groups: readonly string[],
): Promise<Standing> {
  if (!person.isActive) return { kind: 'left' }
  const { userId, email } = person
  const by = userId !== null ? { userId } : email !== null ? { email } : undefined
  const account = by && (await findAccount(db, house, caller, by))
  const { role, group } = mapGroups(provider, groups)
  if (userId !== null && account?.membership) {
    const { membership } = account
    const isByHand = membership.providerId !== provider.id
    const giver = isByHand ? 'given here' : group === null ? 'default role' : `by ${group}`
    return { kind: 'member', role: membership.role, by: giver }
  }
  const apart = (why: string): Standing => ({ kind: 'apart', why })
  if (role === null) {
    return apart('None of their groups has a role here, and there is no default role.')
  }
  if (userId !== null) {
    return apart(
      'They were taken out of the workspace. A change in the directory brings them back.',
    )
  }
  if (email === null) return apart('The directory tells no e-mail address of them.')
  if (!(await isOwnAddress(db, house, provider, email))) {
    return apart('The domain of their address is not confirmed for this provider.')
  }
  if (account) {
    return apart(
      account.membership && account.elsewhere === 0
        ? 'The account of their address belongs to an owner. It is connected on its page Account.'
        : 'The account of their address is not of this workspace alone. Invite them, if it is theirs.',
    )
  }
  return apart('They get an account with the next change in the directory.')
}
