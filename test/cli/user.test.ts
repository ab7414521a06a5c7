// `rulewright user add`: who is in afterwards, and what it refuses.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openHouse, startApp as start } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { runHere } from '#test/support/shell.ts'

const PASSWORD = 'wide river 47 lanterns'

async function makeInstance(t: TestContext): Promise<string> {
  const folder = makeFolder(t)
  const { close } = await openHouse({ configuration: testConfiguration(folder), isQuiet: true })
  await close()
  return folder
}

const add = (folder: string, argv: readonly string[], stdin = PASSWORD) =>
  runHere(['user', 'add', ...argv, '--data', folder], { cwd: folder, stdin: async () => stdin })

test('an owner added by hand ends the link that claims the install', async (t) => {
  const folder = await makeInstance(t)
  const flags = ['--workspace', 'default', '--role', 'admin', '--owner', '--auditor']
  const { code, out } = await add(folder, ['Ada@Acme.example', ...flags], `${PASSWORD}\n`)
  assert.equal(code, 0)
  assert.match(out, /^added ada@acme\.example to default as admin \(usr_/)
  const app = await start({ configuration: testConfiguration(folder) })
  t.after(() => app.stop())
  assert.equal(await app.claimLink(), undefined)
})

test('a running server adds somebody too, password and all', async (t) => {
  const folder = makeFolder(t)
  const app = await start({ configuration: testConfiguration(folder) })
  t.after(() => app.stop())
  const { code, out, err } = await add(folder, [
    'ravi@acme.example',
    '--workspace',
    'default',
    '--role',
    'engineer',
    '--approver',
    '--name',
    'Ravi',
  ])
  assert.equal(code, 0, err)
  assert.match(out, /added ravi@acme\.example/)
  assert.notEqual(await app.claimLink(), undefined, 'nobody owns it yet')
})

test('what cannot be is refused by name, and nobody is added', async (t) => {
  const folder = await makeInstance(t)
  const place = ['--workspace', 'default', '--role', 'viewer']
  for (const [argv, stdin, code, words] of [
    [['nobody', ...place], PASSWORD, 2, /email is not an e-mail address/],
    [['a@b.example', '--workspace', 'default', '--role', 'boss'], PASSWORD, 2, /--role boss/],
    [['a@b.example', ...place], '', 2, /password on standard input/],
    [['a@b.example', ...place], 'short', 2, /at least 15/],
    [['a@b.example', '--workspace', 'none', '--role', 'viewer'], PASSWORD, 3, /./],
  ] as const) {
    const ran = await add(folder, argv, stdin)
    assert.equal(ran.code, code, ran.err)
    assert.match(ran.err, words)
    assert.ok(!ran.err.includes(PASSWORD))
  }
  assert.equal((await add(folder, ['a@b.example', ...place])).code, 0)
  const again = await add(folder, ['a@b.example', ...place])
  assert.deepEqual([again.code, /already/.test(again.err)], [1, true])
})
