// Whether the time of a refused sign-in tells an address that has an account from one that has none:
// both in turn, at full cost, and the two samples compared by Mann and Whitney's test.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { addPerson } from '#cli/demo/cast.ts'
import { provePassword } from '#domain/access/prove.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import { HOUR } from '#kernel/time.ts'
import { openHouse } from '#src/app.ts'
import { fakeClock } from '#test/support/clock.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { givePassword } from '#test/support/passwords.ts'
import type { Print } from './bench.ts'

const TRIES = 200

export async function measureTiming(print: Print): Promise<void> {
  const data = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
  const clock = fakeClock()
  const { house, close } = await openHouse({ configuration: testConfiguration(data), clock })
  const caller = systemCaller(house, 'bench')
  const acme = await addWorkspace(house, caller, { slug: 'acme', name: 'Acme' })
  await givePassword(house, await addPerson(house, acme, 'ada', 'admin'))
  const timeMs = async (email: string) => {
    clock.advance(2 * HOUR) // past every throttle
    const visitor = { network: '192.0.2.1', device: undefined }
    const begun = performance.now()
    await provePassword(house, systemCaller(house, 'bench'), visitor, { email, password: 'wrong' })
    return performance.now() - begun
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let count = 0; count < TRIES; count++) {
    known.push(await timeMs('ada@acme.example'))
    unknown.push(await timeMs('zed@acme.example'))
  }
  const apartMs = Math.abs(median(known) - median(unknown))
  print('refused: account or none, medians apart', `${apartMs.toFixed(2)} ms`, '< 10 ms')
  print('the same, Mann-Whitney p', mannWhitney(known, unknown).toFixed(3), '> 0.01')
  await close()
  rmSync(data, { recursive: true, force: true })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** Two-sided p, by the normal approximation. */
function mannWhitney(xs: readonly number[], ys: readonly number[]): number {
  let u = 0
  for (const x of xs) for (const y of ys) u += x > y ? 1 : x === y ? 0.5 : 0
  const product = xs.length * ys.length
  const deviation = Math.sqrt((product * (xs.length + ys.length + 1)) / 12)
  return 2 * upperTail(Math.abs(u - product / 2) / deviation)
}

/** Of the standard normal distribution, by the sum of Simpson from `z` to 10. */
function upperTail(z: number): number {
  const steps = 1_000
  const width = (10 - z) / steps
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  let sum = density(z) + density(10)
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(z + i * width)
  return z >= 10 ? 0 : (sum * width) / 3
}
