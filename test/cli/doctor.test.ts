// The doctor: what it sees on a sound instance, and that it sees each thing that is wrong.

import assert from 'node:assert/strict'
import { chmodSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import Sqlite from 'better-sqlite3'
import { DAY, HOUR, SECOND } from '#kernel/time.ts'
import type { Finding } from '#platform/doctor/finding.ts'
import { makeFolder } from '#test/support/database.ts'
import { runHere } from '#test/support/shell.ts'

async function makeInstance(t: TestContext): Promise<{ cwd: string; data: string }> {
  const cwd = makeFolder(t)
  assert.equal((await runHere(['init'], { cwd })).code, 0)
  return { cwd, data: join(cwd, 'rulewright-data') }
}

async function examine(cwd: string, env: Record<string, string> = {}) {
  const { code, out } = await runHere(['doctor', '--json'], { cwd, env })
  const { findings } = JSON.parse(out) as { findings: Finding[] }
  const verdicts = Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]))
  const messages = Object.fromEntries(findings.map(({ check, message }) => [check, message]))
  return { code, findings, verdicts, messages }
}

test('a sound instance has nothing bad, and every warning says what to do', async (t) => {
  const { cwd } = await makeInstance(t)
  const { code, findings, verdicts } = await examine(cwd)
  assert.equal(code, 0)
  for (const name of ['master-secret', 'schema', 'audit-log', 'database', 'data-directory']) {
    assert.equal(verdicts[name], 'ok', name)
  }
  const warnings = findings.filter(({ verdict }) => verdict === 'warn')
  assert.ok(warnings.every(({ advice }) => advice !== undefined))
})

test('for people it is a line a check, with the advice below', async (t) => {
  const { cwd } = await makeInstance(t)
  const { out } = await runHere(['doctor'], { cwd })
  assert.match(out, /^ok {7}master-secret: /m)
  assert.match(out, /^warn {5}backups: there was no backup yet\n {9}→ /m)
})

test('wrong settings are named, and are exit 1', async (t) => {
  const { cwd } = await makeInstance(t)
  writeFileSync(join(cwd, 'rulewright.toml'), '[server]\nlisen = 1\nmetrics = 1\n')
  const { code, findings } = await examine(cwd)
  assert.equal(code, 1)
  assert.equal(findings.length, 2)
  assert.ok(findings.every(({ check, verdict }) => check === 'settings' && verdict === 'bad'))
})

test('files open to others are bad', async (t) => {
  const { cwd, data } = await makeInstance(t)
  chmodSync(join(data, 'rulewright.db'), 0o644)
  const { code, verdicts, messages } = await examine(cwd)
  assert.equal(code, 1)
  assert.equal(verdicts['data-directory'], 'bad')
  assert.match(messages['data-directory'] ?? '', /rulewright\.db/)
})

test('a missing or another master secret is bad', async (t) => {
  const { cwd, data } = await makeInstance(t)
  const secret = join(data, 'master.secret')
  renameSync(secret, join(cwd, 'kept'))
  assert.equal((await examine(cwd)).verdicts['master-secret'], 'bad')
  writeFileSync(secret, 'Yx3o9Z5tPq8Lw2Vb7Kd4Rj6Mn1Hs0Gf-Ca_Te/Ui+Xy\n', { mode: 0o600 })
  const other = await examine(cwd)
  assert.equal(other.verdicts['master-secret'], 'bad')
  assert.equal(other.verdicts['audit-log'], 'unknown')
  assert.equal(other.code, 1)
})

test('a schema of a newer build is bad', async (t) => {
  const { cwd, data } = await makeInstance(t)
  const db = new Sqlite(join(data, 'rulewright.db'))
  db.exec(
    `insert into schemaMigration (number, name, schemaDigest, appliedAt) values (9999, 'later', 'x', 1)`,
  )
  db.close()
  const { verdicts } = await examine(cwd)
  assert.equal(verdicts['schema'], 'bad')
})

test('a clock behind the files is bad', async (t) => {
  const { cwd, data } = await makeInstance(t)
  const later = (Date.now() + 2 * HOUR) / SECOND
  utimesSync(join(data, 'rulewright.db'), later, later)
  assert.equal((await examine(cwd)).verdicts['clock'], 'bad')
})

test('what others reach without protection is warned of', async (t) => {
  const { cwd } = await makeInstance(t)
  const { verdicts } = await examine(cwd, {
    RULEWRIGHT_SERVER_LISTEN: '0.0.0.0:8420',
    RULEWRIGHT_SERVER_ALLOW_HTTP: 'true',
    RULEWRIGHT_SERVER_PUBLIC_URLS: 'https://rules.example.com',
  })
  assert.equal(verdicts['listen'], 'warn')
  assert.equal(verdicts['public-urls'], 'warn')
})

test('a secret that ends within a month is warned of, with what it is of and the day', async (t) => {
  const { cwd, data } = await makeInstance(t)
  assert.equal((await examine(cwd)).verdicts['endings'], 'ok')
  const db = new Sqlite(join(data, 'rulewright.db'))
  const add = db.prepare(
    `insert into identityProvider (id, workspaceId, kind, preset, name, isEnabled, isEmailTrusted,
       settings, groupRoles, sealed, secretExpiresAt, version, createdAt, createdBy, changedAt,
       changedBy, mac)
     select ?, id, 'oidc', 'okta', ?, 1, 0, '{}', '[]', x'', ?, 1, 1, 'system:test', 1, 'system:test',
       zeroblob(32) from workspace where slug != 'instance' limit 1`,
  )
  add.run('idp_1', 'Far', Date.now() + 40 * DAY)
  add.run('idp_2', 'Near', Date.now() + 9.5 * DAY)
  assert.equal(add.run('idp_3', 'Past', Date.now() - DAY).changes, 1)
  db.close()
  const { verdicts, messages } = await examine(cwd)
  assert.equal(verdicts['endings'], 'warn')
  assert.match(
    messages['endings'] ?? '',
    /client secret of Past ended on [-\d]+; .*client secret of Near ends on [-\d]+, in 10 days$/,
  )
})
