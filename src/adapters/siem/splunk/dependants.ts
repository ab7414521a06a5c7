// What runs with the rights of whoever is signed in: saved searches that belong to that account. They
// find less when its roles shrink, and stop when it is deleted.

import type { Dependants } from '#domain/targets/port.ts'
import type { SplunkClient } from './client.ts'
import { context, feed, readAs } from './replies.ts'
import { placeIn, readSavedSearches, refOf, runsByItself } from './saved-searches.ts'

export async function readDependants(
  client: SplunkClient,
  next: { readonly identity: string | null },
  signal: AbortSignal,
): Promise<Dependants> {
  const what = 'who this credential is'
  const me = await client.send({ path: '/services/authentication/current-context', what, signal })
  const { username } = readAs(context, readAs(feed, me.body, what).entry[0]?.content ?? null, what)
  // Another secret of the same account changes nothing for what belongs to it.
  if (next.identity === username) return { items: [], completeness: { kind: 'complete' } }
  const { entries, completeness } = await readSavedSearches(client, signal)
  const items = entries
    .filter((entry) => entry.acl?.owner === username && runsByItself(entry))
    .map((entry) => ({
      ref: refOf(placeIn(entry)),
      name: entry.name,
      why: `It belongs to ${username} and runs with the rights of that account: before it is deleted or loses roles, give it to another owner (Settings, All configurations, Reassign knowledge objects).`,
    }))
  return { items, completeness }
}
