// The wiring: settings, data directory and its lock, database, keys, audit, events and jobs,
// domains, HTTP; stopped in reverse. The only file, with main.ts, that knows everything.

import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import pino from 'pino'
import type { App, AppOptions, OpenedHouse } from '#cli/shell.ts'
import { healthRoutes } from '#http/health.ts'
import { startServer } from '#http/server.ts'
import { Sessions } from '#http/session.ts'
import type { Clock } from '#kernel/time.ts'
import { systemClock } from '#platform/clock.ts'
import { openDatabase } from '#platform/db/database.ts'
import { createEventBus } from '#platform/events.ts'
import type { House } from '#platform/house.ts'

/** What tests replace: time and randomness. */
export interface Seams {
  readonly clock?: Clock
  readonly random?: (bytes: number) => Buffer
}

/** Throws `busy` when another process serves the data directory. */
export async function startApp(options: AppOptions & Seams): Promise<App> {
  const { house, close } = await openHouse(options)
  try {
    const server = await startServer({
      house,
      settings: {
        listen: options.listen,
        publicUrls: [],
        trustedProxies: [],
        trustedOrigins: [],
      },
      routes: healthRoutes([
        () => (house.db.isReadOnly ? 'the database takes no writes' : undefined),
      ]),
      sessions: new Sessions(house),
    })
    return {
      url: server.url,
      house,
      async stop() {
        await server.stop()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

export async function openHouse(options: Pick<AppOptions, 'data'> & Seams): Promise<OpenedHouse> {
  mkdirSync(options.data, { recursive: true, mode: 0o700 })
  const db = openDatabase(options.data)
  const log = pino({ base: null }, pino.destination({ fd: 2, sync: true }))
  const house: House = {
    clock: options.clock ?? systemClock,
    random: options.random ?? randomBytes,
    log,
    db,
    events: createEventBus((cause) => log.error({ err: cause }, 'a listener threw')),
  }
  return { house, close: () => db.close() }
}
