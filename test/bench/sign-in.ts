// How many sign-ins by password fit into a second, and whether pages wait behind a flood of them:
// everything in one process, the client as well. And how fast a session is found.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { addPerson } from '#cli/demo/cast.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import { startApp } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { givePassword, PASSWORD } from '#test/support/passwords.ts'
import type { Bench } from './bench.ts'
import { measureTiming } from './sign-in-timing.ts'

const FLOOD = 24
const FLOOD_MS = 6_000
const LOOK_UPS = 20_000

export const bench: Bench = {
  name: 'sign-in',
  async run(print) {
    const data = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
    const env = { RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '10000' }
    const app = await startApp({ configuration: testConfiguration(data, env) })
    const { house, sessions } = app
    const caller = systemCaller(house, 'bench')
    const acme = await addWorkspace(house, caller, { slug: 'acme', name: 'Acme' })
    const userId = await addPerson(house, acme, 'ada', 'admin')
    await givePassword(house, userId)
    // Somebody else looks at pages: a person keeps twenty sessions, and the flood makes more.
    const reader = await addPerson(house, acme, 'vera', 'viewer')
    const cookie = await sessions.start(caller, { userId: reader, factors: ['password'] })

    let begun = performance.now()
    for (let count = 0; count < LOOK_UPS; count++) await sessions.find(cookie)
    const lookUps = LOOK_UPS / ((performance.now() - begun) / 1_000)
    print('session look-ups, with person and memberships', `${Math.round(lookUps)} /s`)

    const until = performance.now() + FLOOD_MS
    const answers = new Map<number, number>()
    const flood = Array.from({ length: FLOOD }, async () => {
      while (performance.now() < until) {
        const answer = await fetch(`${app.url}/sign-in`, {
          method: 'POST',
          redirect: 'manual',
          headers: { 'Sec-Fetch-Site': 'same-origin' },
          body: new URLSearchParams({ email: 'ada@acme.example', password: PASSWORD }),
        })
        await answer.arrayBuffer()
        answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1)
      }
    })
    const pagesMs: number[] = []
    while (performance.now() < until) {
      begun = performance.now()
      const page = await fetch(`${app.url}/account`, { headers: { Cookie: `session=${cookie}` } })
      await page.arrayBuffer()
      pagesMs.push(performance.now() - begun)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await Promise.all(flood)
    pagesMs.sort((a, b) => a - b)
    const p99 = pagesMs[Math.floor(pagesMs.length * 0.99)] ?? 0
    const signIns = (answers.get(303) ?? 0) / (FLOOD_MS / 1_000)
    print(`sign-ins of ${FLOOD} at once`, `${signIns.toFixed(1)} /s`)
    print('told to wait (503 or 429)', String((answers.get(503) ?? 0) + (answers.get(429) ?? 0)))
    print('a page beside it, p99', `${Math.round(p99)} ms`, '≤ 100 ms')
    await app.stop()
    rmSync(data, { recursive: true, force: true })
    await measureTiming(print)
  },
}
