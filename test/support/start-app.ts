// The whole product inside a test: a temporary data directory, a clock that stands still, a port of
// its own, and the cast everyone knows.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { House } from '#platform/house.ts'
import { startApp as start } from '#src/app.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { testConfiguration } from './configuration.ts'

export interface TestApp {
  readonly url: string
  readonly house: House
  readonly clock: FakeClock
  /** Absolute path of the data directory. */
  readonly data: string
  /** A request to a path of this app. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  readonly stop: () => Promise<void>
}

/** `env` holds settings as the environment spells them: `{ RULEWRIGHT_SERVER_METRICS: 'true' }`. */
export async function startApp(
  t: TestContext,
  { env = {} }: { env?: Readonly<Record<string, string>> } = {},
): Promise<TestApp> {
  const data = mkdtempSync(join(tmpdir(), 'rulewright-test-'))
  const clock = fakeClock()
  const app = await start({ configuration: testConfiguration(data, env), clock })
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= app.stop())
  t.after(async () => {
    await stop()
    rmSync(data, { recursive: true, force: true })
  })
  return {
    url: app.url,
    house: app.house,
    clock,
    data,
    fetch: (path, init) => fetch(new URL(path, app.url), { redirect: 'manual', ...init }),
    stop,
  }
}
