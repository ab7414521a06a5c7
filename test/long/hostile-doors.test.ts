// Bodies and requests that mean harm, at every door that programs come in by. The published lists are in
// test/corpora.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  openProgramDoors,
  sendHostile,
  sendRaw,
  UNHURRIED,
  type HostileBody,
} from '#test/support/hostile-doors.ts'
import { startApp } from '#test/support/start-app.ts'

const app = await startApp({ after }, { env: UNHURRIED })
const doors = await openProgramDoors(app)

const NO_JSON: readonly string[] = [
  '',
  '{',
  '[1,]',
  '{"a":1,}',
  "{'a':1}",
  '{"a":01}',
  '{"a":1}{"b":2}',
  '{"a":NaN}',
  '"\u0000"',
  '{"a":"\t"}',
  '\ufeff{}',
  '[1e]',
  '['.repeat(100_000),
]
const ODD_JSON: readonly string[] = [
  'null',
  '[]',
  '"text"',
  '1',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"slug":"a","slug":"b"}',
  '{"a":"\\ud800"}',
  '{"slug":{"toString":"x"}}',
  '{"slug":["x"]}',
  `{"n":1${'0'.repeat(400_000)}}`,
  `{"${'k'.repeat(900_000)}":1}`,
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `{${Array.from({ length: 50_000 }, (_, n) => `"k${n}":1`).join()}}`,
  JSON.stringify(Array.from({ length: 2_000 }, () => ({ jsonrpc: '2.0', id: 1, method: 'x' }))),
]
const BODIES: readonly HostileBody[] = [
  ...NO_JSON.map((text) => ({ name: text.slice(0, 40), bytes: Buffer.from(text), isJson: false })),
  ...ODD_JSON.map((text) => ({ name: text.slice(0, 40), bytes: Buffer.from(text) })),
  { name: 'half a character', bytes: Buffer.from([0x22, 0xc3, 0x22]), isJson: false },
  { name: 'UTF-16', bytes: Buffer.from('{"a":1}', 'utf16le'), isJson: false },
]

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const RAW: readonly (readonly [string, string])[] = [
  ['two framings', `${HEAD}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`],
  ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
  ['a chunk of no size', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ['a negative length', `${HEAD}Content-Length: -1\r\n\r\n`],
  ['a folded header', `${HEAD}X: a\r\n b\r\n\r\n`],
  ['a header of 70 kB', `${HEAD}X: ${'x'.repeat(70_000)}\r\n\r\n`],
  ['another host', HEAD.replace('Host: x', 'Host: evil.example') + '\r\n'],
  ['TRACE', 'TRACE / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['no method there is', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n'],
]

for (const door of doors) {
  test(`hostile JSON is refused in the words of the door: ${door.name}`, async () => {
    await sendHostile(app, door, BODIES)
  })

  test(`odd framing reaches nothing: ${door.name}`, async () => {
    for (const [name, request] of RAW) {
      const answer = await sendRaw(app, door, Buffer.from(request))
      const told = `${door.name}, ${name}: ${answer.text.slice(0, 120)}`
      assert.ok(answer.status >= 400 && answer.status <= 501, told)
      assert.notEqual(answer.status, 500, told)
    }
    await sendHostile(app, { ...door, fine: again(door.fine) }, [])
  })
}

/** As fine, and not there yet. */
const again = (fine: string) => fine.replace('"fine"', '"finer"').replace('fine@', 'finer@')
