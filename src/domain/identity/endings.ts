// What of an identity provider ends by itself: the client secret, as somebody said.

import type { Ending, EndingSource } from '#domain/workspaces/endings.ts'
import { selectSecretEnds } from './store.ts'

export const providerEndings: EndingSource = async (db, scope, until) => {
  const found = await selectSecretEnds(db, scope, until)
  return found.map((one): Ending => ({ kind: 'client_secret', ...one }))
}
