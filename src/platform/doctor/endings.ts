// The check of what stops working by itself within a month. What such things are is told by whoever asks:
// the platform opens the file, for reading and beside a server, and finds the workspaces.

import { DAY, formatInstant, type Instant } from '#kernel/time.ts'
import { hasInstance, type DataDirectory } from '#platform/data-directory.ts'
import { openBeside } from '#platform/db/engine/sqlite/beside.ts'
import { makeScope, type WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import { check, ok, warn, type Finding } from './finding.ts'

interface KnownEnd {
  /** What it is and of what: `client secret of Okta`. */
  readonly what: string
  readonly endsAt: Instant
}

export interface EndingsParts {
  readonly dir: DataDirectory
  readonly now: Instant
  /** Those of one workspace. */
  readonly list: (db: Reader, scope: WorkspaceScope) => Promise<readonly KnownEnd[]>
}

const SHOWN_MAX = 10

export async function checkEndings({ dir, now, list }: EndingsParts): Promise<readonly Finding[]> {
  if (!hasInstance(dir)) return []
  return [await check('endings', () => look(dir, now, list))]
}

async function look(dir: DataDirectory, now: Instant, list: EndingsParts['list']) {
  const beside = openBeside(dir.database)
  try {
    const found: string[] = []
    for (const { id, slug } of beside.workspaces()) {
      const scope = makeScope(id)
      const ends = await list(beside.read(scope), scope)
      found.push(...ends.map((end) => wordsOf(slug, end, now)))
    }
    if (found.length === 0) return ok('nothing with a known end stops within 30 days')
    const more = found.length > SHOWN_MAX ? `; and ${found.length - SHOWN_MAX} more` : ''
    return warn(
      found.slice(0, SHOWN_MAX).join('; ') + more,
      'renew each on its page; the first page of the workspace leads there',
    )
  } finally {
    beside.close()
  }
}

function wordsOf(slug: string, { what, endsAt }: KnownEnd, now: Instant): string {
  const day = formatInstant(endsAt).slice(0, 10)
  const days = Math.ceil((endsAt - now) / DAY)
  const when =
    days <= 0 ? `ended on ${day}` : `ends on ${day}, in ${days} day${days === 1 ? '' : 's'}`
  return `${slug}: ${what} ${when}`
}
