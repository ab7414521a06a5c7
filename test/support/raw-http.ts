// Bytes to a listening socket and what comes back, without a client that would mend them.

import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export interface RawAnswer {
  readonly status: number
  /** Names in lower case; the last of a repeated one. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Everything received, several answers included. */
  readonly text: string
}

/**
 * Resolves when the server has closed the connection. `isHalfClosed` says that nothing more will be
 * sent, so that a server which would keep the connection answers and closes.
 */
export async function exchange(
  port: number,
  bytes: Uint8Array | string,
  { isHalfClosed = true } = {},
): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {}) // a reset after the answer; what was received counts
  if (isHalfClosed) socket.end(bytes)
  else socket.write(bytes)
  return parseAnswer(await text(socket))
}

export function parseAnswer(received: string): RawAnswer {
  const end = received.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = received.slice(0, Math.max(0, end)).split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return {
    status: Number(statusLine.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers),
    body: received.slice(end + 4),
    text: received,
  }
}
