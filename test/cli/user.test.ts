// `rulewright user` and `rulewright token`: who and what is in afterwards, and what they refuse.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openHouse, startApp as start } from '#src/app.ts'
import { callWith } from '#test/support/api.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { giveTotp } from '#test/support/passwords.ts'
import { startApp } from '#test/support/start-app.ts'
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

test('the only owner, whose second factor is lost, comes in again by a link from the machine', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await giveTotp(app.house, (await app.sessions.find(await app.signIn(ada)))!)
  const cwd = app.data
  const reset = (...argv: string[]) => runHere(['user', 'reset', ...argv, '--data', cwd], { cwd })
  const nobody = await reset('nobody@acme.example')
  assert.equal(nobody.code, 2)
  assert.match(nobody.err, /nobody has the address/)
  const { code, out, err } = await reset('ADA@acme.example', '--factors')
  assert.equal(code, 0, err)
  assert.match(err, /good once, until/)
  assert.match(out, /^\/reset\/[\w-]{43}$/)
  const headers = { 'Sec-Fetch-Site': 'same-origin' }
  const email = 'ada@acme.example'
  const body = (password: string) => new URLSearchParams({ email, password })
  const post = (path: string, password: string) =>
    app.fetch(path, { method: 'POST', headers, body: body(password) })
  assert.equal((await post(out, 'k7#mQ2xz')).status, 422, 'nothing stands behind it now')
  assert.equal((await post(out, PASSWORD)).status, 200)
  const home = (await post('/sign-in', PASSWORD)).headers.get('Location')
  assert.equal(home, '/w/acme', 'no second step')
  const again = await reset(email, '--factors')
  assert.deepEqual([again.code, /no second factor/.test(again.err)], [1, true])
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

test('tokens are listed, rotated with an overlap, checked and revoked at a terminal', async (t) => {
  const app = await startApp(t)
  const cwd = app.data
  const token = (argv: readonly string[], shell = {}) =>
    runHere(['token', ...argv], { cwd, ...shell })
  const place = ['--workspace', 'acme', '--data', cwd]
  const whose = ['--user', 'ada@acme.example', '--scopes', 'rules:read']
  const { out: first } = await token(['add', 'CI', ...place, ...whose])
  const status = async (text: string) => (await callWith(app, text, '/me')).status
  const rotated = await token(['rotate', 'CI', ...place, '--overlap', '2h'])
  assert.equal(rotated.code, 0, rotated.err)
  assert.match(rotated.err, /the old secret goes on for 2 h/)
  assert.deepEqual([await status(first), await status(rotated.out)], [200, 200])
  const list = async (...more: string[]) =>
    (await token(['list', ...place, ...more])).out.split('\n').map((line) => JSON.parse(line))
  const ends = ({ expiresAt }: { expiresAt: string }) => Date.parse(expiresAt)
  const [older, newer] = (await list()).toSorted((a, b) => ends(a) - ends(b))
  assert.ok(ends(older) < ends(newer))
  const both = await token(['revoke', 'CI', ...place])
  assert.deepEqual([both.code, /several tokens are called CI/.test(both.err)], [2, true])
  assert.equal((await token(['revoke', older.id, ...place])).code, 0)
  assert.deepEqual([await status(first), await status(rotated.out)], [401, 200])
  const states = async (...more: string[]) =>
    new Set((await list(...more)).map(({ state }) => state as string))
  assert.deepEqual(await states(), new Set(['live']))
  assert.deepEqual(await states('--all'), new Set(['live', 'revoked']))
  assert.match(
    (await token(['list', ...place, '--format', 'table'])).out,
    /^name +of +acts as +kind/,
  )
  assert.equal((await token(['revoke', 'Nobody', ...place])).code, 2)
  assert.equal((await token(['rotate', 'CI', ...place, '--overlap', '90m'])).code, 2)
  const check = async (text: string) => token(['check'], { stdin: async () => text })
  assert.match((await check(`${first}\n`)).out, /^whole: rw_pat_/)
  const cut = await check(first.slice(0, -3))
  assert.deepEqual([cut.code, /was it cut/.test(cut.out)], [1, true])
  assert.match((await check('ghp_x')).out, /^foreign/)
})
