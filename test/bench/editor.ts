// What somebody waits for while a rule is written, through the whole of the server: the check of a text
// and the queries it compiles to, of a rule as long as few are.

import type { TestContext } from 'node:test'
import { startApp } from '#test/support/start-app.ts'
import type { Bench, Print } from './bench.ts'

export const bench: Bench = { name: 'the editor of rules', run }

const ROUNDS = 60
/** The first ones make threads and tables. */
const WARM_UP = 10

async function run(say: Print): Promise<void> {
  const ends: (() => unknown)[] = []
  const t = { after: (end: () => unknown) => ends.push(end) } as unknown as TestContext
  const app = await startApp(t, { env: { RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '100000' } })
  const cookie = `session=${await app.signIn(app.cast.ravi)}`
  try {
    for (const [part, what, target] of [
      ['problems', 'check of a rule of 300 lines (p95)', '≤ 50 ms'],
      ['preview', 'its queries for six kinds of place (p95)', ''],
    ] as const) {
      const times: number[] = []
      let began = process.cpuUsage()
      for (let at = 0; at < ROUNDS; at += 1) {
        const body = new URLSearchParams({ text: longRule(at), kind: 'splunk' })
        const headers = {
          Cookie: cookie,
          'Sec-Fetch-Site': 'same-origin',
          'HX-Request': 'true',
          'HX-Request-Type': 'partial',
          'HX-Target': `div#${part}`,
        }
        if (at === WARM_UP) began = process.cpuUsage()
        const asked = performance.now()
        const answer = await app.fetch('/w/acme/rules/new', { method: 'POST', body, headers })
        const html = await answer.text()
        if (!html.startsWith(`<div id="${part}"`)) throw new Error(html.slice(0, 500))
        if (at >= WARM_UP) times.push(performance.now() - asked)
      }
      const p95 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!
      const { user, system } = process.cpuUsage(began)
      const computed = (user + system) / 1e3 / times.length
      say('computing one took, on all cores, sent and read here', `${computed.toFixed(0)} ms`)
      say(what, `${p95.toFixed(0)} ms`, ...(target === '' ? [] : [target]))
    }
  } finally {
    for (const end of ends) await end()
  }
}

/** Another text each time, as typing makes it. */
function longRule(at: number): string {
  const values = Array.from({ length: 240 }, (_, n) => `      - '\\tool-${at}-${n}.exe'`)
  const lines = [
    `title: A long rule ${at}`,
    'id: cf99dd5c-ed86-479e-9bdb-d3f3afe808f5',
    'status: test',
    'description: Finds many programs.',
    'author: bench',
    'date: 2026-11-22',
    'tags:',
    '  - attack.execution',
    '  - attack.t1059.001',
    'logsource:',
    '  product: windows',
    '  category: process_creation',
    'detection:',
    '  selection:',
    '    Image|endswith:',
    ...values,
    ...Array.from({ length: 20 }, (_, n) => `  more${n}:\n    CommandLine|contains: 'word ${n}'`),
    '  condition: selection and 1 of more*',
    'level: high',
  ]
  return `${lines.join('\n')}\n`
}
