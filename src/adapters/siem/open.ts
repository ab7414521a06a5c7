// One adapter for each kind of target; opening one opens no connection. Each is loaded by the first
// target of its kind: with them come the languages that a start does without.

import type { Connection, OpenSiem, SiemPort } from '#domain/targets/port.ts'

/** `openLocal` is of this process. Throws `invalid` for settings that are none of the kind's. */
export async function openSiem(connection: Connection, openLocal: OpenSiem): Promise<SiemPort> {
  switch (connection.kind) {
    case 'local':
      return openLocal(connection)
    case 'splunk':
      return (await import('./splunk/open.ts')).openSplunk(connection)
    case 'opensearch':
      return (await import('./opensearch/open.ts')).openOpensearch(connection)
    case 'sentinel':
      return (await import('./sentinel/open.ts')).openSentinel(connection)
    case 'defender':
      return (await import('./defender/open.ts')).openDefender(connection)
    case 'elastic':
      return (await import('./elastic/open.ts')).openElastic(connection)
  }
}
