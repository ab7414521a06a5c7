// The real server over routes of a test's own, with sessions for the cast.

import { rmSync } from 'node:fs'
import type { TestContext } from 'node:test'
import pino from 'pino'
import type { Person } from '#domain/access/person.ts'
import { Sessions } from '#domain/access/sessions.ts'
import { Tokens } from '#domain/access/tokens.ts'
import { startServer, type RunningServer } from '#http/server.ts'
import type { ServerSettings } from '#http/settings.ts'
import type { Route } from '#http/routes.ts'
import type { House } from '#platform/house.ts'
import { openHouse } from '#src/app.ts'
import { addCast, enter } from './cast.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { testConfiguration } from './configuration.ts'
import { makeFace } from './face.ts'
import { newFolder } from './folder.ts'

export interface TestServer {
  readonly server: RunningServer
  readonly url: string
  readonly port: number
  readonly house: House
  readonly clock: FakeClock
  readonly sessions: Sessions
  /** Every line logged so far, parsed. */
  readonly logged: Record<string, unknown>[]
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  /** The value of a session cookie. */
  readonly signIn: (person: Person) => Promise<string>
  /** The same as somebody who is signed in. */
  readonly fetchAs: (person: Person, path: string, init?: RequestInit) => Promise<Response>
}

export async function serveRoutes(
  t: TestContext,
  routes: readonly Route[] | ((sessions: Sessions) => readonly Route[]),
  { drainMs, ...settings }: Partial<ServerSettings> & { drainMs?: number } = {},
): Promise<TestServer> {
  const clock = fakeClock()
  const logged: Record<string, unknown>[] = []
  const log = pino({ level: 'debug' }, { write: (line) => void logged.push(JSON.parse(line)) })
  const folder = newFolder('http')
  const open = new AsyncDisposableStack()
  t.after(() => open.disposeAsync())
  open.defer(() => rmSync(folder, { recursive: true, force: true }))
  const configuration = testConfiguration(folder)
  const opened = await openHouse({ configuration, clock })
  open.defer(opened.close)
  const house: House = { ...opened.house, log }
  const sessions = new Sessions(house)
  await addCast(house)
  const server = await startServer({
    house,
    face: await makeFace(house, configuration),
    routes: typeof routes === 'function' ? routes(sessions) : routes,
    sessions,
    tokens: new Tokens(house),
    ...(drainMs !== undefined && { drainMs }),
    settings: { ...configuration.settings.server, trustedProxies: [], ...settings },
  })
  open.defer(() => server.stop())
  const call = (path: string, init?: RequestInit) =>
    fetch(new URL(path, server.url), { redirect: 'manual', ...init })
  return {
    server,
    url: server.url,
    port: Number(new URL(server.url).port),
    house,
    clock,
    sessions,
    logged,
    fetch: call,
    signIn: (person) => enter(house, sessions, person),
    async fetchAs(person, path, init) {
      const headers = new Headers(init?.headers)
      headers.set('Cookie', `session=${await enter(house, sessions, person)}`)
      return call(path, { ...init, headers })
    },
  }
}
