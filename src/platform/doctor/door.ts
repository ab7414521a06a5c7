// Checks of how the product is reached.

import { isLoopback, parseHostPort } from '#platform/config/rules.ts'
import type { Settings } from '#platform/config/schema.ts'
import { isServed } from '#platform/control.ts'
import type { DataDirectory } from '#platform/data-directory.ts'
import { check, ok, warn, type Finding } from './finding.ts'

export function checkDoor(dir: DataDirectory, settings: Settings): Promise<readonly Finding[]> {
  return Promise.all([
    check('server', async () =>
      (await isServed(dir.socket))
        ? ok('a server runs on this data directory')
        : ok('no server runs on this data directory now'),
    ),
    check('listen', () => checkListen(settings)),
    check('public-urls', () => checkPublicUrls(settings)),
  ])
}

function checkListen({ server, tls }: Settings) {
  const host = parseHostPort(server.listen)?.host ?? ''
  if (tls.certFile !== undefined) return ok(`https on ${server.listen}`)
  if (isLoopback(host)) return ok(`http on ${server.listen}, for this machine only`)
  return warn(
    `plain http on ${server.listen}, which other machines reach`,
    'let nothing but the proxy that ends TLS reach it, or set [tls] cert_file and key_file',
  )
}

function checkPublicUrls({ server, tls, proxy }: Settings) {
  const isLocal = isLoopback(parseHostPort(server.listen)?.host ?? '')
  if (server.publicUrls.length === 0) {
    if (isLocal && proxy.trusted.length === 0) return ok('reached by its listen address')
    return warn(
      'requests are let in only under the listen address',
      'set [server] public_urls to the addresses people type',
    )
  }
  const plain = server.publicUrls.filter((url) => url.startsWith('http://') && !isLocalUrl(url))
  if (plain.length > 0) {
    return warn(`${plain.join(', ')} is not encrypted on its way`, 'use https')
  }
  const behindProxy = server.publicUrls.some((url) => url.startsWith('https://')) && !tls.certFile
  if (behindProxy && proxy.trusted.length === 0) {
    return warn(
      'https is ended by a proxy that is not trusted, so every request looks like plain http',
      'set [proxy] trusted to the address of the proxy',
    )
  }
  return ok(server.publicUrls.join(', '))
}

function isLocalUrl(url: string): boolean {
  return isLoopback(new URL(url).hostname.replaceAll(/^\[|\]$/g, ''))
}
