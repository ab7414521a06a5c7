// The whole product inside a test: a temporary data directory, a clock that stands still, a port of
// its own, and the cast everyone knows.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { House } from '#platform/house.ts'
import { startApp as start } from '#src/app.ts'
import { fakeClock, type FakeClock } from './clock.ts'

export interface TestApp {
  readonly url: string
  readonly house: House
  readonly clock: FakeClock
  /** Absolute path of the data directory. */
  readonly data: string
  /** A request to a path of this app. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  stop(): Promise<void>
}

export async function startApp(t: TestContext): Promise<TestApp> {
  const data = mkdtempSync(join(tmpdir(), 'rulewright-test-'))
  const clock = fakeClock()
  const app = await start({ data, listen: '127.0.0.1:0', clock })
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
