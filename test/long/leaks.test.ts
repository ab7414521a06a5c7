// A sealed value never comes out again: canaries are planted, every page and answer is read, commands
// are run, and then everything that was said or written is searched for them.

import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { addCast } from '#cli/demo/cast.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import type { RouteRow } from '#http/routes.ts'
import { INSTANCE_WORKSPACE, type MailId } from '#kernel/id.ts'
import { makeScope } from '#platform/db/scope.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { startApp } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { enter } from '#test/support/cast.ts'
import { run, serve } from '#test/support/process.ts'
import { runHere } from '#test/support/shell.ts'

const CANARY = 'canary-5f2b9d71e0c84a36'
const instance = makeScope(INSTANCE_WORKSPACE)

test('a sealed value is on no page, in no answer, log line, export, backup or file', async (t) => {
  const cwd = makeFolder(t)
  const data = path.join(cwd, 'rulewright-data')
  const { cookie } = await plant(data)
  const env = { RULEWRIGHT_LOG_LEVEL: 'debug' }
  const server = await serve(t, [], { cwd, env })
  const said: string[] = []
  const routes = JSON.parse((await runHere(['routes', '--json'], { cwd })).out) as RouteRow[]
  let answered = 0
  for (const { method, path: pattern } of routes) {
    const address = pattern.replace('{slug}', 'acme').replaceAll(/\{\w+\}/g, '1')
    const headers = {
      Cookie: `session=${cookie}`,
      'Sec-Fetch-Site': 'same-origin',
      ...(method !== 'GET' && { 'Content-Type': 'application/x-www-form-urlencoded' }),
    }
    if (/sign-out|sessions|suspend|erase|release/.test(address) && method !== 'GET') continue
    const answer = await fetch(server.url + address, { method, headers, redirect: 'manual' })
    if (answer.headers.get('Content-Type')?.startsWith('text/event-stream')) {
      await answer.body?.cancel()
      continue
    }
    said.push(JSON.stringify([...answer.headers]), await answer.text())
    if (answer.status === 200) answered += 1
  }
  assert.ok(answered > 10, `the premise: ${answered} pages were read as somebody`)
  for (const argv of [
    ['audit', 'export', '--workspace', 'acme'],
    ['instance', 'rotate-key'],
    ['backup', 'create', 'one.backup'],
  ]) {
    const { code, out, err } = await run(t, argv, { cwd, env })
    assert.equal(code, 0, err)
    said.push(out, err)
  }
  server.child.kill('SIGTERM')
  const { out, err, code } = await server.ended
  assert.equal(code, 0)
  assert.ok(err.split('\n').length > 20, 'the premise: much was logged')
  said.push(out, err)
  const secret = readFileSync(path.join(data, 'master.secret'), 'utf8').trim()
  for (const [name, canary] of [
    ['sealed value', CANARY],
    ['master secret', secret],
  ] as const) {
    assertSilent(said, filesIn(cwd), name, canary)
  }
})

// Somebody who may see everything there is, and a secret of each table that seals.
async function plant(data: string): Promise<{ cookie: string }> {
  const { house, sessions, stop } = await startApp({ configuration: testConfiguration(data) })
  const caller = systemCaller(house, 'test')
  const cast = await addCast(
    house,
    await addWorkspace(house, caller, { slug: 'acme', name: 'Acme' }),
  )
  const seal = (table: Parameters<typeof sealedPlace>[0], row: string) =>
    house.keys.seal(instance, sealedPlace(table, row), Buffer.from(CANARY))
  const id = 'mai_1' as string as MailId
  const mail = { id, kind: 'test', sealed: await seal('outgoingMail', id), createdAt: caller.now }
  const totp = {
    userId: cast.ravi,
    secret: await seal('totp', cast.ravi),
    confirmedAt: caller.now,
    lastStep: 0,
    createdAt: caller.now,
  }
  await house.db.write(caller, async (tx) => {
    await tx.insertInto('outgoingMail').values(mail).execute()
    await tx.insertInto('totp').values(totp).execute()
  })
  const cookie = await enter(house, sessions, { userId: cast.ada })
  await stop()
  return { cookie }
}

function filesIn(folder: string): string[] {
  const all = globSync('**/*', { cwd: folder }).map((name) => path.join(folder, name))
  return all.filter((name) => statSync(name).isFile() && !name.endsWith('master.secret'))
}

function assertSilent(
  said: readonly string[],
  files: readonly string[],
  name: string,
  canary: string,
): void {
  const forms = ['utf8', 'hex', 'base64'] as const
  for (const form of forms.map((encoding) => Buffer.from(canary).toString(encoding))) {
    const spoken = said.filter((text) => text.includes(form))
    assert.deepEqual(
      spoken.map((text) => text.slice(0, 200)),
      [],
      `the ${name} was said`,
    )
    const written = files.filter((file) => readFileSync(file).includes(form))
    assert.deepEqual(written, [], `the ${name} was written`)
  }
}
