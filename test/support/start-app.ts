// The whole product inside a test: a temporary data directory, a clock that stands still, a port of
// its own, and the cast everyone knows: workspaces acme and globex; ada (admin of acme and owner),
// ravi (engineer), vera (viewer), and gwen, who is admin of globex.

import { rmSync } from 'node:fs'
import { addCast, addPerson } from '#cli/demo/cast.ts'
import type { App } from '#cli/shell.ts'
import { systemCaller } from '#domain/access/system.ts'
import type { OpenSiem } from '#domain/targets/port.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { UserId } from '#kernel/id.ts'
import { startApp as start } from '#src/app.ts'
import { enter } from './cast.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { testConfiguration } from './configuration.ts'
import { newFolder } from './folder.ts'

export interface CastMember {
  readonly userId: UserId
}

export interface TestApp extends Omit<App, 'stop'> {
  readonly clock: FakeClock
  /** Absolute path of the data directory. */
  readonly data: string
  readonly acme: Workspace
  readonly globex: Workspace
  readonly cast: Readonly<Record<'ada' | 'ravi' | 'vera' | 'gwen', CastMember>>
  /** A request to a path of this app, as a stranger. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  /** The value of a session cookie. */
  readonly signIn: (person: CastMember) => Promise<string>
  /** The same as somebody who is signed in. */
  readonly fetchAs: (person: CastMember, path: string, init?: RequestInit) => Promise<Response>
  readonly stop: () => Promise<void>
}

/** Of a test, or of a file of them. */
export interface Lifetime {
  readonly after: (end: () => unknown) => void
}

interface AppWish {
  readonly env?: Readonly<Record<string, string>>
  /** In the place of the adapters. */
  readonly openSiem?: OpenSiem
}

/** `env` holds settings as the environment spells them: `{ RULEWRIGHT_SERVER_METRICS: 'true' }`. */
export async function startApp(
  t: Lifetime,
  { env = {}, openSiem }: AppWish = {},
): Promise<TestApp> {
  const data = newFolder('app')
  const clock = fakeClock()
  const configuration = testConfiguration(data, env)
  const app = await start({ configuration, clock, ...(openSiem && { openSiem }) })
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= app.stop())
  t.after(async () => {
    await stop()
    rmSync(data, { recursive: true, force: true })
  })
  const { house, sessions } = app
  const caller = systemCaller(house, 'cli', 'test')
  const acme = await addWorkspace(house, caller, { slug: 'acme', name: 'Acme' })
  const globex = await addWorkspace(house, caller, { slug: 'globex', name: 'Globex' })
  const cast = {
    ...(await addCast(house, acme)),
    gwen: await addPerson(house, globex, 'gwen', 'admin', false),
  }
  const call = (path: string, init?: RequestInit) =>
    fetch(new URL(path, app.url), { redirect: 'manual', ...init })
  return {
    ...app,
    clock,
    data,
    acme,
    globex,
    cast: {
      ada: { userId: cast.ada },
      ravi: { userId: cast.ravi },
      vera: { userId: cast.vera },
      gwen: { userId: cast.gwen },
    },
    signIn: (person) => enter(house, sessions, person),
    fetch: call,
    async fetchAs(person, path, init) {
      const headers = new Headers(init?.headers)
      headers.set('Cookie', `session=${await enter(house, sessions, person)}`)
      return call(path, { ...init, headers })
    },
    stop,
  }
}
