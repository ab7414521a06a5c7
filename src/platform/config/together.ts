// Settings that are each fine and make no sense together.

import { isLoopback, parseHostPort } from './rules.ts'
import type { Settings } from './schema.ts'

/** One line for each contradiction. */
export function checkTogether({ server, tls, sessions, mail }: Settings): string[] {
  const lines: string[] = []
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    lines.push('[tls] cert_file and key_file go together; set both or neither')
  }
  const isHttps = tls.certFile !== undefined && tls.keyFile !== undefined
  const listen = parseHostPort(server.listen)
  if (listen && !isLoopback(listen.host) && !isHttps && !server.allowHttp) {
    lines.push(
      `[server] listen ${server.listen} is reachable from other machines without TLS: ` +
        'set [tls] cert_file and key_file, or [server] allow_http = true behind a proxy that ends TLS',
    )
  }
  if (sessions.idleMs > sessions.absoluteMs) {
    lines.push('[sessions] idle is longer than absolute; a session ends at the earlier of the two')
  }
  if ((mail.host === undefined) !== (mail.from === undefined)) {
    lines.push('[mail] host and from go together; set both or neither')
  }
  return lines
}
