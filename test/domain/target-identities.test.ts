// Who the product is on a target: the certificate it shows, and what hangs on the account that writes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addTarget,
  changeTarget,
  listTargets,
  requestCheck,
  seeTarget,
} from '#domain/targets/actions.ts'
import { promoteCredential, setCredential } from '#domain/targets/credentials.ts'
import { NewCredential, NewTarget, TargetEdit } from '#domain/targets/input.ts'
import { systemCaller } from '#domain/access/system.ts'
import type { TargetId } from '#kernel/id.ts'
import { addMs, DAY, instant } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { savedSearch } from '#test/support/splunk.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const LOOPBACK = { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' }
// Certificates are judged by the machine's clock, the product's stands still.
const [LONG_AGO, LATER] = [Date.UTC(2020, 0), Date.UTC(2090, 0)].map(instant) as [never, never]

function admin(app: TestApp) {
  return systemCaller(app.house, 'test', undefined, app.acme.id)
}

async function give(app: TestApp, id: TargetId, given: object) {
  await setCredential(app.house, admin(app), id, NewCredential.parse(given))
  await app.runner.drain()
  await nextTurn()
  return seeTarget(app.house, admin(app), id)
}

const pem = ({ cert, key }: { cert: string; key: string }) => ({
  certificate: cert,
  privateKey: key,
})

test('a target that demands a certificate is shown the one of the credential, which may be all of it', async (t) => {
  const app = await startApp(t, { env: LOOPBACK })
  const ours = makeCertificate(LONG_AGO, addMs(app.clock.now(), 200 * 365 * DAY), 1, 'ec', 'reader')
  const next = makeCertificate(LONG_AGO, addMs(app.clock.now(), 10 * DAY), 2, 'ec', 'writer')
  const server = makeCertificate(LONG_AGO, LATER)
  const tls = { ...server, clientCa: `${ours.cert}${next.cert}` }
  const cluster = makeCluster({ clock: app.clock })
  const standin = await startStandin(opensearchAnswers(cluster), { clock: app.clock, tls })
  t.after(() => standin.stop())
  const input = {
    name: 'mutual',
    kind: 'opensearch',
    settings: { url: standin.url },
    ca: server.cert,
  }
  const { target } = await addTarget(app.house, admin(app), NewTarget.parse(input))
  const basic = { kind: 'basic', user: 'reader', password: 'reader' }

  const without = await give(app, target.id, { purpose: 'read', credential: basic })
  assert.equal(without.health.state, 'unreachable')
  assert.match(without.health.reason, /client certificate|broke the connection/)
  assert.equal(standin.requests.length, 0)

  const alone = { purpose: 'read', credential: { kind: 'none' }, clientCertificate: pem(ours) }
  await give(app, target.id, alone)
  await promoteCredential(app.house, admin(app), target.id, 'read')
  await app.runner.drain()
  await nextTurn()
  const shown = await seeTarget(app.house, admin(app), target.id)
  assert.equal(shown.health.facts.identity, 'reader', shown.health.reason)
  const [current] = shown.credentials
  assert.deepEqual(
    [current!.kind, current!.certificate, current!.identity],
    ['none', 'CN=reader', 'reader'],
  )

  const both = { purpose: 'read', credential: basic, clientCertificate: pem(next) }
  const soon = await give(app, target.id, both)
  assert.match(
    soon.health.facts.notices.join(' '),
    /client certificate for reading expires in 10 d/,
  )
  assert.doesNotMatch(JSON.stringify(soon), /PRIVATE KEY/)

  const wrong = { certificate: ours.cert, privateKey: next.key }
  const parsed = NewCredential.safeParse({ ...alone, clientCertificate: wrong })
  assert.match(String(parsed.error?.message), /is not the key of this certificate/)
  await assert.rejects(
    setCredential(app.house, admin(app), target.id, {
      purpose: 'read',
      credential: { kind: 'none' },
    }),
    { code: 'invalid' },
  )
})

test('before another account writes, what belongs to the old one is listed; its health is kept by its changes', async (t) => {
  const app = await startApp(t, { env: LOOPBACK })
  const estate = makeEstate({ clock: app.clock })
  estate.users['second'] = { ...estate.users['writer']!, password: 'second' }
  estate.savedSearches = [
    savedSearch('Theirs'),
    savedSearch('Ours', { owner: 'writer' }),
    savedSearch('Report', { owner: 'writer', settings: new Map([['search', 'index=main']]) }),
  ]
  const standin = await startStandin(splunkAnswers(estate), { clock: app.clock })
  t.after(() => standin.stop())
  const settings = { url: standin.url }
  const input = { name: 'london', kind: 'splunk', settings, mode: 'read_write' }
  const { target } = await addTarget(app.house, admin(app), NewTarget.parse(input))
  const basic = (user: string, password = user) => ({ kind: 'basic', user, password })
  await give(app, target.id, { purpose: 'read', credential: basic('reader') })
  await give(app, target.id, { purpose: 'write', credential: basic('writer') })
  const logins = () => standin.requests.filter(({ path }) => path.endsWith('/auth/login')).length
  const before = logins()

  const same = await give(app, target.id, { purpose: 'write', credential: basic('writer') })
  const nextOf = ({ credentials }: typeof same) => credentials.find(({ slot }) => slot === 'next')!
  assert.equal(nextOf(same).dependants!.count, 0, 'another password of the same account')
  assert.equal(logins(), before + 1, 'who is signed in already stays so')

  const other = await give(app, target.id, { purpose: 'write', credential: basic('second') })
  const { items, count, completeness } = nextOf(other).dependants!
  assert.deepEqual([count, completeness.kind], [1, 'complete'])
  assert.deepEqual(
    items.map(({ name }) => name),
    ['Ours'],
  )
  assert.match(items[0]!.why, /belongs to writer and runs with the rights of that account/)
  const page = await app.fetchAs(app.cast.ada, `/w/acme/targets/${target.id}/credentials`)
  const text = await page.text()
  assert.ok(/What hangs on the one in force/.test(text) && /belongs to writer/.test(text))

  const edit = TargetEdit.parse({ mode: 'read_only' })
  await changeTarget(app.house, admin(app), target.id, { edit, expected: 'any' })
  await requestCheck(app.house, admin(app), target.id)
  await app.runner.drain()
  await nextTurn()
  const { changes, health } = await seeTarget(app.house, admin(app), target.id)
  assert.match(health.facts.notices.join(' '), /read-only, yet a credential for writing is stored/)
  assert.deepEqual(
    changes.map(({ state }) => state).slice(0, 2),
    ['degraded', 'healthy'],
    JSON.stringify(changes),
  )
  const shown = await (await app.fetchAs(app.cast.vera, `/w/acme/targets/${target.id}`)).text()
  assert.ok(/How it was before/.test(shown) && /yet a credential for writing is stored/.test(shown))
})

test('what a check said is forgotten after an hour as a job, and stays with the target', async (t) => {
  const app = await startApp(t, {})
  const rows = async () => {
    const { scope } = admin(app)
    return app.house.db
      .read(scope)
      .selectFrom('job')
      .select('id')
      .where('workspaceId', '=', scope.workspaceId)
      .where('kind', '=', 'target.check')
      .execute()
  }
  const { items } = await listTargets(app.house, admin(app), { limit: 1 })
  await requestCheck(app.house, admin(app), items[0]!.target.id)
  await app.runner.drain()
  await nextTurn()
  assert.equal((await rows()).length, 1)
  app.clock.advance(DAY)
  app.runner.wake()
  await app.runner.drain()
  await nextTurn()
  assert.equal((await rows()).length, 0)
})
