// The wiring: settings, data directory and its lock, database, keys, audit, events and jobs,
// domains, HTTP; stopped in reverse. The only file, with main.ts, that knows everything.

import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import pino from 'pino'
import type { App, OpenedHouse } from '#cli/shell.ts'
import { healthRoutes } from '#http/health.ts'
import type { Face } from '#http/face.ts'
import { pageRoutes } from '#http/pages/pages.ts'
import { startServer } from '#http/server.ts'
import { Sessions } from '#http/session.ts'
import { Signals } from '#http/signals.ts'
import { readStaticFiles, StaticFiles } from '#http/static.ts'
import type { Clock } from '#kernel/time.ts'
import { systemClock } from '#platform/clock.ts'
import type { Configuration } from '#platform/config/load.ts'
import { openDatabase } from '#platform/db/database.ts'
import { embedded } from '#platform/embedded.ts'
import { createEventBus } from '#platform/events.ts'
import type { House } from '#platform/house.ts'
import { VERSION } from '#platform/version.ts'

export interface StartOptions {
  readonly configuration: Configuration
  /** What tests replace: time and randomness. */
  readonly clock?: Clock
  readonly random?: (bytes: number) => Buffer
}

/** Throws `busy` when another process serves the data directory. */
export async function startApp(options: StartOptions): Promise<App> {
  const { house, close } = await openHouse(options)
  try {
    const { server: settings, proxy } = options.configuration.settings
    const face = await openFace(house)
    const sessions = new Sessions(house, options.configuration.settings.sessions)
    const server = await startServer({
      house,
      face,
      settings: { ...settings, trustedProxies: proxy.trusted },
      routes: [
        ...healthRoutes([() => (house.db.isReadOnly ? 'the database takes no writes' : undefined)]),
        ...pageRoutes({ face, sessions, devSignIn: null }),
      ],
      sessions,
    })
    return {
      url: server.url,
      house,
      async stop() {
        await server.stop()
        face.signals.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

export async function openHouse(options: StartOptions): Promise<OpenedHouse> {
  const { dataDir, settings } = options.configuration
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const clock = options.clock ?? systemClock
  const db = await openDatabase(dataDir, { now: () => clock.now() })
  const log = pino(
    { base: null, level: settings.log.level },
    pino.destination({ fd: process.stderr.fd, sync: true }),
  )
  const house: House = {
    clock,
    random: options.random ?? randomBytes,
    log,
    db,
    events: createEventBus((cause) => log.error({ err: cause }, 'a listener threw')),
  }
  return { house, close: () => db.close() }
}

/** False in a release; from source nothing defines it. */
declare const RULEWRIGHT_DEV: boolean

// From source the static files are built in memory; a release carries them and no builder.
async function openFace(house: House): Promise<Face> {
  const files =
    typeof RULEWRIGHT_DEV === 'undefined'
      ? await (await import('./packaging/static.ts')).buildStaticFiles()
      : readStaticFiles(embedded)
  return { statics: new StaticFiles(files), signals: new Signals(house), version: VERSION }
}
