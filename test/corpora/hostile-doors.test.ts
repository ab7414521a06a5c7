// The hostile lists at every door that programs come in by.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { readCorpus } from '#test/support/corpora.ts'
import {
  openProgramDoors,
  sendHostile,
  sendRaw,
  UNHURRIED,
  type HostileBody,
} from '#test/support/hostile-doors.ts'
import { startApp } from '#test/support/start-app.ts'
import { hostileBodies } from '#test/http/api/walk-hostile.ts'

const suite = readCorpus<{ name: string; expect: string; b64: string }>(
  'hostile/json_test_suite.jsonl.gz',
)
const raw = readCorpus<{ name: string; b64: string; expect: string }>('hostile/http_raw.jsonl.gz')

if (suite.length > 0) {
  const app = await startApp({ after }, { env: UNHURRIED })
  const doors = await openProgramDoors(app)
  const bodies: readonly HostileBody[] = [
    ...suite.map(({ name, expect, b64 }) => ({
      name,
      bytes: Buffer.from(b64, 'base64'),
      isJson: { accept: true, reject: false }[expect],
    })),
    ...hostileBodies().map((text, n) => ({ name: `attack ${n}`, bytes: Buffer.from(text) })),
  ]

  for (const door of doors) {
    test(`no JSON of the lists is a fault at ${door.name}`, async () => {
      assert.ok(bodies.length > 180, 'the premise')
      await sendHostile(app, door, bodies)
    })

    test(`no bytes of the list get past the framing at ${door.name}`, async () => {
      for (const { name, b64, expect } of raw) {
        const answer = await sendRaw(app, door, Buffer.from(b64, 'base64'))
        const what = `${name}: ${expect}, got ${answer.text.slice(0, 200)}`
        // An address that somebody made up, and many cookies: what they say counts for nothing here.
        const isLetIn = /client ip|or 200/.test(expect) && answer.status === 200
        assert.ok(isLetIn || (answer.status >= 400 && answer.status < 500), what)
      }
    })
  }
}
