// Microsoft's stand-ins for a file of tests, over TLS as their clients want it, and connections to them.

import { after, afterEach, beforeEach } from 'node:test'
import type { Credential, SiemKind } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { instant, type Clock } from '#kernel/time.ts'
import type { SeenRequest } from '#standins/exchange.ts'
import {
  makeDirectory,
  registrationOf,
  TENANT,
  type Directory,
} from '#standins/microsoft/directory.ts'
import { microsoftAnswers, type Service } from '#standins/microsoft/microsoft.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { makeCertificate } from './certificate.ts'
import type { FakeClock } from './clock.ts'
import { connectionTo, type TestConnection } from './siem.ts'

export const CLIENT_ID = '6f1c0a52-8a0e-4d0b-9a52-3f5b0d0f7a01'
export const SECRET: Credential = {
  kind: 'client_secret',
  tenant: TENANT,
  clientId: CLIENT_ID,
  secret: 'a long secret',
}
/** In force at any time a test plays in, and now. */
export const VALID = [instant(Date.UTC(2020, 0)), instant(Date.UTC(2099, 0))] as const

export interface MicrosoftWorld {
  readonly directory: Directory
  readonly standin: Standin
  /** PEM, to be trusted. */
  readonly ca: string
  /** Ended after each test. */
  connect(options: {
    readonly kind: SiemKind
    readonly clock: FakeClock
    readonly credential?: Credential
    readonly settings?: { readonly [key: string]: Json }
  }): TestConnection
  /** Requests of this test. */
  seen(method: string, part: string): readonly SeenRequest[]
}

/** `services` are served beside the token service, by the directory that is made here. */
export async function microsoftWorld(
  clock: Pick<Clock, 'now'>,
  services: (directory: Directory) => readonly Service[] = () => [],
): Promise<MicrosoftWorld> {
  const registrations = [registrationOf('rulewright', CLIENT_ID, 'a long secret')]
  const directory = makeDirectory({ clock, registrations })
  const tls = makeCertificate(...VALID)
  const standin = await startStandin(microsoftAnswers(directory, services(directory)), {
    clock,
    tls,
  })
  after(() => standin.stop())
  const connections: { close(): void }[] = []
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close()
  })
  let first = 0
  beforeEach(() => {
    standin.faults.clear()
    first = standin.requests.length
  })
  return {
    directory,
    standin,
    ca: tls.cert,
    connect({ kind, credential = SECRET, settings = {}, clock: own }) {
      const { url } = standin
      const roles = { api: url, sign_in: url, arm: url, graph: url }
      const options = { kind, credential, clock: own, ca: tls.cert }
      const connection = connectionTo(roles, {
        ...options,
        settings: { ...settings, signInUrl: url },
      })
      connections.push(connection)
      return connection
    },
    seen: (method, part) =>
      standin.requests
        .slice(first)
        .filter((each) => each.method === method && each.path.includes(part)),
  }
}
