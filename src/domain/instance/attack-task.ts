// MITRE's publication of ATT&CK read in a worker thread: a file of some fifty megabytes, of which a table
// of some thirty kilobytes is kept.

import { AppError } from '#kernel/error.ts'
import { ATTACK_FILE_BYTES_MAX } from '#kernel/limits.ts'
import type { AttackTable } from '#languages/attack/attack.ts'
import { readStixTable } from '#languages/attack/stix.ts'
import { readNamedFile } from '#platform/read-file.ts'
import type { WorkerTask } from '#platform/worker.ts'

/** Throws `invalid` with everything that is wrong with the file. */
export const readAttackFile: WorkerTask<{ readonly file: string }, AttackTable> = {
  worker: 'rules',
  name: 'attack.read',
}

export function readAttackFileHere({ file }: { readonly file: string }): AttackTable {
  const { table, problems } = readStixTable(parse(file, readNamedFile(file, ATTACK_FILE_BYTES_MAX)))
  if (table !== undefined) return table
  throw new AppError('invalid', problems.map(({ message }) => `${file}: ${message}`).join('\n'))
}

function parse(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new AppError('invalid', `${file} is no JSON: ${String(error)}`, { cause: error })
  }
}
