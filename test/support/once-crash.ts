// A request with an idempotency key, by a process that kills itself at the point it is given: before the
// act writes, inside its write, while the answer is made, after the commit. argv: folder, point.

import { systemCaller } from '#domain/access/system.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { Once, type Answered } from '#platform/idempotency/once.ts'
import { openHouse } from '#src/app.ts'
import { fakeClock } from './clock.ts'
import { testConfiguration } from './configuration.ts'

export interface CrashHouse {
  readonly house: House
  readonly caller: Caller
  close(): Promise<void>
}

export async function openCrashHouse(folder: string): Promise<CrashHouse> {
  const { house, close } = await openHouse({
    configuration: testConfiguration(folder),
    clock: fakeClock(),
  })
  return { house, caller: systemCaller(house, 'test'), close }
}

/** The act records a number that is new each time, and answers with it. */
export function actOnce(
  { house, caller }: CrashHouse,
  point: (number: number) => void = () => {},
): Promise<Answered> {
  return new Once().run(house, caller, { key: 'key', digest: 'digest' }, async (inside) => {
    const number = house.random(6).readUIntBE(0, 6)
    point(1)
    await inside.db.write(caller, async (tx) => {
      const entry = { action: 'test.act', target: 'x', data: { number } }
      await house.audit.record(tx, caller, entry)
      point(2)
    })
    point(3)
    return { status: 201, headers: {}, body: JSON.stringify({ number }) }
  })
}

async function live(folder: string, killAt: number): Promise<void> {
  const opened = await openCrashHouse(folder)
  const point = (number: number) => {
    if (number === killAt) process.kill(process.pid, 'SIGKILL')
  }
  await actOnce(opened, point)
  point(4)
  await opened.close()
}

const [folder, killAt] = process.argv.slice(2)
if (import.meta.main) await live(folder!, Number(killAt))
