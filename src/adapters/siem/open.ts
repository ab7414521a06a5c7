// One adapter for each kind of target; opening one opens no connection.

import type { Connection, OpenSiem, SiemPort } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { openOpensearch } from './opensearch/open.ts'
import { openSplunk } from './splunk/open.ts'

/** `openLocal` is of this process. Throws `unsupported` for a kind that has no adapter. */
export function openSiem(connection: Connection, openLocal: OpenSiem): SiemPort {
  switch (connection.kind) {
    case 'local':
      return openLocal(connection)
    case 'splunk':
      return openSplunk(connection)
    case 'opensearch':
      return openOpensearch(connection)
    case 'sentinel':
    case 'defender':
    case 'elastic':
      throw new AppError('unsupported', `Targets of the kind ${connection.kind} cannot be asked.`)
  }
}
