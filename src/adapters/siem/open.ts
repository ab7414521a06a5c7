// One adapter for each kind of target; opening one opens no connection.

import type { Connection, SiemPort } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { openSplunk } from './splunk/open.ts'

/** Throws `unsupported` for a kind that has no adapter. */
export function openSiem(connection: Connection): SiemPort {
  switch (connection.kind) {
    case 'splunk':
      return openSplunk(connection)
    case 'local':
    case 'sentinel':
    case 'defender':
    case 'elastic':
    case 'opensearch':
      throw new AppError('unsupported', `Targets of the kind ${connection.kind} cannot be asked.`)
  }
}
