// Verifies a signed bundle without the database: its lines are those of the statement, and the statement
// is of the log's key. Whose key that is, the file cannot prove: give the keys that you trust.

import { sha256Hex } from '#kernel/hash.ts'
import { AppError } from '#kernel/error.ts'
import { z } from 'zod'
import type { AuditPublicKeys } from './keys.ts'
import { readCheckpointKeys } from './public-key.ts'
import { isSignedStatement } from './statement.ts'

const Head = z.object({
  format: z.literal('rulewright-as-of/1'),
  statement: z.string(),
  signature: z.string(),
  keySeq: z.int(),
  keys: z.array(z.string()).min(1),
})

const Statement = z.object({
  workspace: z.string(),
  at: z.string(),
  lines: z.int(),
  sha256: z.string(),
  madeAt: z.string(),
})

export type BundleVerdict =
  | ({ readonly ok: true; readonly isTrusted: boolean } & z.output<typeof Statement>)
  | { readonly ok: false; readonly message: string }

/** Throws `invalid` for a file that is no bundle. */
export function verifyBundle(text: string, keys: AuditPublicKeys | undefined): BundleVerdict {
  const end = text.indexOf('\n')
  const head = Head.safeParse(parsed(text.slice(0, end)))
  if (end < 0 || !head.success) throw new AppError('invalid', 'This file is no signed bundle.')
  const { statement, keys: own, ...signed } = head.data
  const by = keys ?? readCheckpointKeys(own.join('\n'))
  if (!isSignedStatement(by, 'as-of', statement, signed)) {
    return { ok: false, message: 'The signature is not of this statement, or not of these keys.' }
  }
  const said = Statement.parse(JSON.parse(statement))
  const rest = text.slice(end + 1)
  if (sha256Hex(rest) !== said.sha256) {
    return { ok: false, message: 'What follows is not what was signed.' }
  }
  return { ok: true, isTrusted: keys !== undefined, ...said }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
