// One adapter for each kind of target; opening one opens no connection. Each is loaded by the first
// target of its kind: with them come the languages that a start does without.

import type { Connection, OpenSiem, SiemPort } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'

/** `openLocal` is of this process. Throws `unsupported` for a kind that has no adapter. */
export async function openSiem(connection: Connection, openLocal: OpenSiem): Promise<SiemPort> {
  switch (connection.kind) {
    case 'local':
      return openLocal(connection)
    case 'splunk':
      return (await import('./splunk/open.ts')).openSplunk(connection)
    case 'opensearch':
      return (await import('./opensearch/open.ts')).openOpensearch(connection)
    case 'defender':
      return (await import('./defender/open.ts')).openDefender(connection)
    case 'elastic':
      return (await import('./elastic/open.ts')).openElastic(connection)
    case 'sentinel':
      throw new AppError('unsupported', `Targets of the kind ${connection.kind} cannot be asked.`)
  }
}
