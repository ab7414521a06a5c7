// What of a target ends by itself: the credentials in force, or about to be, and their certificates.

import type { Ending, EndingSource } from '#domain/workspaces/endings.ts'
import { selectCredentialEnds } from './credential-store.ts'
import { endOf } from './target.ts'

export const credentialEndings: EndingSource = async (db, scope, until) => {
  const found = await selectCredentialEnds(db, scope, until)
  return found.map(({ id, name, ...ends }): Ending => ({
    kind: 'credential',
    id,
    name,
    endsAt: endOf(ends)!,
  }))
}
