// The demonstration: every step holds, its links work once, and it leaves nothing behind.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BEGINNING, STORY } from '#cli/demo/steps.ts'
import { expect, tell } from '#cli/demo/story.ts'
import { makeFolder } from '#test/support/database.ts'
import { runHere } from '#test/support/shell.ts'

test('every step holds, and the temporary directory is gone afterwards', async (t) => {
  const { code, out } = await runHere(['demo', '--exit'], { cwd: makeFolder(t) })
  assert.equal(code, 0, out)
  const steps = [...BEGINNING, ...STORY]
  for (const [index, { title }] of steps.entries()) {
    assert.ok(out.includes(`step ${index + 1} of ${steps.length}  ${title}  (`), title)
  }
  const [, data = ''] = /a demonstration in (\S+)/.exec(out) ?? []
  assert.ok(data.startsWith('/'))
  assert.equal(existsSync(data), false)
})

test('it goes on serving, and each link signs its person in once', async (t) => {
  const cwd = makeFolder(t)
  const ending = new AbortController()
  const lines: string[] = []
  const ready = Promise.withResolvers<void>()
  const out = (line: string) => {
    lines.push(line)
    if (line.includes('as vera')) ready.resolve()
  }
  const over = runHere(['demo', '--data', 'here'], { cwd, out, signal: ending.signal })
  void over.then(({ err }) => ready.reject(new Error(`it ended: ${err}`)))
  await ready.promise
  for (const name of ['ada', 'ravi', 'vera']) {
    const line = lines.find((one) => one.startsWith(`sign in once as ${name} `)) ?? ''
    const link = line.slice(line.indexOf('http'))
    const entered = await fetch(link, { redirect: 'manual' })
    assert.equal(entered.status, 303, name)
    assert.equal(entered.headers.get('location'), '/w/acme')
    assert.equal((await fetch(link, { redirect: 'manual' })).status, 403, name)
  }
  const again = await runHere(['demo', '--data', 'here', '--exit'], { cwd })
  assert.equal(again.code, 3)
  ending.abort()
  assert.equal((await over).code, 0)
  assert.ok(existsSync(join(cwd, 'here', 'rulewright.db')))
  assert.equal((await runHere(['demo', '--data', 'here', '--exit'], { cwd })).code, 0)
})

test('it refuses a directory that somebody else filled, and touches nothing in it', async (t) => {
  const cwd = makeFolder(t)
  writeFileSync(join(cwd, 'mine'), 'mine')
  const { code, err } = await runHere(['demo', '--data', '.', '--exit'], { cwd })
  assert.equal(code, 2)
  assert.match(err, /was not made by a demonstration/)
  assert.deepEqual(readdirSync(cwd), ['mine'])
})

test('a step that does not hold ends the story and is no success', async () => {
  const said: string[] = []
  const hasHeld = await tell({
    steps: [
      {
        title: 'promise',
        run: async () => {
          expect(said.length > 0, 'something was said before')
          return 'never'
        },
      },
      { title: 'go on', run: async () => 'never' },
    ],
    world: {},
    monotonicMs: () => 0,
    say: (line) => void said.push(line),
  })
  assert.equal(hasHeld, false)
  assert.deepEqual(said, [
    'step 1 of 2  promise  FAILED',
    '    this did not hold: something was said before',
  ])
})
