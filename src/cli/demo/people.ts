// Callers who are somebody: what a page would let this person do, done without a browser.

import { changeMember, confirmApprover } from '#domain/access/members.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { addCast, CAST, type CastName } from './cast.ts'
import { expect } from './story.ts'

export type People = Readonly<Record<CastName, UserId>>

/** As of now: ask anew for each act. vera looks on, and signs as an approver. */
export function callerOf(house: House, { id }: Workspace, people: People, name: CastName): Caller {
  return {
    ...systemCaller(house, 'demo', undefined, id),
    actor: people[name],
    verbs: verbsOf(CAST[name], name === 'vera' ? ['approver'] : []),
    personal: { name: name.charAt(0).toUpperCase() + name.slice(1) },
  }
}

/** ada, ravi and vera, and from here on two of them sign what a third one makes. */
export async function turnReviewOn(
  house: House,
  acme: Workspace,
): Promise<{ readonly people: People; readonly seen: string }> {
  const people = await addCast(house, acme)
  const ada = callerOf(house, acme, people, 'ada')
  const product = systemCaller(house, 'demo', undefined, acme.id)
  await changeMember(house, product, people.vera, { isApprover: true })
  await confirmApprover(house, ada, people.vera)
  const { policy, version } = await readPolicy(house, ada)
  const wanted = { ...policy, review: true, signatures: 2, testGate: true, hotfix: true }
  const { row } = await changePolicy(house, ada, { policy: wanted, version })
  expect(row.policy.review && row.policy.signatures === 2, 'two signatures are asked for')
  return {
    people,
    seen: 'a change needs two signatures of people who did not make it, and passing tests',
  }
}
