// Where somebody lands.

import type { Person } from '#domain/access/person.ts'

/** Their first workspace; the instance for an owner who is in none. */
export function homeOf({ memberships }: Pick<Person, 'memberships'>): string {
  const [first] = memberships
  return first ? `/w/${first.slug}` : '/instance'
}
