// The people of the demonstration: one for each way of working, in the workspace acme.

import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { Person } from '#http/session.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'

export const CAST = ['ada', 'ravi', 'vera'] as const

/** ada is admin and owner, ravi engineer, vera viewer. */
export function makeCast(
  { clock, random }: Pick<House, 'clock' | 'random'>,
  workspace: Workspace,
): Readonly<Record<(typeof CAST)[number], Person>> {
  const { id: workspaceId, slug, name } = workspace
  const person = (who: string, role: Person['memberships'][number]['role']): Person => ({
    userId: makeId(ID_PREFIXES.user, clock.now(), random(10)),
    name: who,
    memberships: [{ workspaceId, slug, name, role, flags: [] }],
    isOwner: role === 'admin',
  })
  return {
    ada: person('Ada', 'admin'),
    ravi: person('Ravi', 'engineer'),
    vera: person('Vera', 'viewer'),
  }
}
