// What stops working by itself on a known day: secrets, certificates, tokens, credentials. Each domain
// that keeps such a thing tells of it by a source of its own; health/endings.ts asks them all, for the
// first page of a workspace and for the doctor.

import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'

export type EndingKind =
  'client_secret' | 'certificate' | 'directory_token' | 'token' | 'credential'

export interface Ending {
  readonly kind: EndingKind
  /** Of what it belongs to: it is renewed on the page of that. */
  readonly id: string
  /** In the words of whoever named that. */
  readonly name: string
  readonly endsAt: Instant
}

/**
 * Those of one workspace that end before `until`, and those that ended, as long as they are kept and
 * nothing stands in their place. Asked without a key, by the doctor too: it reads no secret and checks no
 * digest.
 */
export type EndingSource = (
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  until: Instant,
) => Promise<readonly Ending[]>

export const ENDING_WORDS: Readonly<Record<EndingKind, string>> = {
  client_secret: 'client secret',
  certificate: 'certificate',
  directory_token: 'token of the directory',
  token: 'token',
  credential: 'credential',
}

export const ENDING_DAYS = 30

/** What ends before this is told of. */
export const endingUntil = (now: Instant): Instant => addMs(now, ENDING_DAYS * DAY)
