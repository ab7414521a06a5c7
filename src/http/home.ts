// Where somebody lands.

import type { Person } from '#domain/access/person.ts'

/** Their first workspace; for whoever is in none the instance, if it is theirs, or their account. */
export function homeOf({ memberships, isOwner }: Pick<Person, 'memberships' | 'isOwner'>): string {
  const [first] = memberships
  if (first) return `/w/${first.slug}`
  return isOwner ? '/instance' : '/account'
}
