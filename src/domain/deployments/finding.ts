// Deployments by words of their titles, for whoever looks for one from anywhere.

import { permit } from '#domain/access/permission.ts'
import type { Caller } from '#platform/caller.ts'
import { wordsOf } from '#platform/db/words.ts'
import type { House } from '#platform/house.ts'
import type { Deployment } from './deployment.ts'
import { selectDeployments } from './store.ts'

/** The newest whose change has every word in its title. */
export async function findDeployments(
  house: House,
  caller: Caller,
  text: string,
  limit: number,
): Promise<readonly Deployment[]> {
  permit(caller, 'deployment.read')
  const { scope } = caller
  const newest = { limit, after: null }
  return selectDeployments(house.db.read(scope), scope, { words: wordsOf(text) }, newest)
}
