// The pipelines that docs/detection-as-code.md shows, run as a runner runs them: their shell steps are
// taken out of the paper and started one after another, in a checkout, beside a server.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { systemCaller } from '#domain/access/system.ts'
import { listRules } from '#domain/rules/reading.ts'
import { startProgram } from '#test/support/api.ts'
import { makeFolder } from '#test/support/database.ts'
import { startApp } from '#test/support/start-app.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const PAPER = readFileSync(path.join(ROOT, 'docs/detection-as-code.md'), 'utf8')

const RULE = `title: Whoami as system
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
status: test
description: Somebody asks who they are, as the system.
author: Ada
date: 2026-01-15
tags: [attack.discovery, attack.t1033]
level: high
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\whoami.exe', User|contains: SYSTEM}, condition: selection}
falsepositives: [Unknown]
rulewright:
  tests:
    - {name: fires, expect: match, events: [{Image: 'C:\\whoami.exe', User: SYSTEM}]}
    - {name: silent, expect: no_match, events: [{Image: 'C:\\whoami.exe', User: ada}]}
`

interface Job {
  readonly steps?: readonly { readonly run?: string }[]
  readonly script?: readonly string[]
}

/** Jobs of the YAML below a heading, in their order. */
function jobsBelow(heading: string): Readonly<Record<string, Job>> {
  const [, text] = new RegExp(`### ${heading}[^]*?\`\`\`yaml\\n([^]*?)\`\`\``).exec(PAPER) ?? []
  assert.ok(text, `${heading} has an example`)
  const read = parse(text) as Record<string, unknown>
  const jobs = (read['jobs'] ?? read) as Record<string, Job>
  return Object.fromEntries(Object.entries(jobs).filter(([, job]) => job.steps ?? job.script))
}

function stepsOf({ steps = [], script = [] }: Job): readonly string[] {
  return [...script, ...steps.flatMap(({ run }) => run ?? [])]
}

for (const heading of ['GitHub Actions', 'GitLab CI']) {
  void test(`the pipeline for ${heading} checks, tests and pushes`, async (t) => {
    const app = await startApp(t)
    const scopes = ['rules:read', 'rules:write'] as const
    const { text: token } = await startProgram(app, app.cast.ravi, { scopes })
    const checkout = makeFolder(t)
    mkdirSync(path.join(checkout, 'rules/windows'), { recursive: true })
    mkdirSync(path.join(checkout, 'bin'))
    const command = path.join(checkout, 'bin/rulewright')
    const start = `exec "${process.execPath}" "${ROOT}/src/packaging/run.mjs" "${ROOT}/src/main.ts" "$@"`
    writeFileSync(command, `#!/bin/sh\n${start}\n`)
    chmodSync(command, 0o755)
    const PATH = `${path.dirname(command)}:${process.env['PATH']}`
    const env = { PATH, RULES_SERVER: app.url, RULEWRIGHT_TOKEN: token }
    const run = async (step: string) => {
      const child = spawn('/bin/sh', ['-e', '-c', step], { cwd: checkout, env, stdio: 'ignore' })
      const [code] = (await once(child, 'close')) as [number]
      return code
    }
    const { check, push } = jobsBelow(heading)
    assert.ok(check && push, 'both jobs are there')
    const rule = path.join(checkout, 'rules/windows/whoami.yml')

    // The steps of both are the same: that they stop at a broken rule is seen once.
    if (heading === 'GitHub Actions') {
      writeFileSync(rule, RULE.replace('condition: selection', 'condition: selecton'))
      assert.equal(await run(stepsOf(check)[0]!), 1)
      writeFileSync(rule, RULE.replace('User: SYSTEM}]', 'User: ada}]'))
      assert.equal(await run(stepsOf(check)[1]!), 1)
    }
    writeFileSync(rule, RULE)
    for (const step of [...stepsOf(check), ...stepsOf(push)]) assert.equal(await run(step), 0, step)
    const tests = readFileSync(path.join(checkout, 'rule-tests.xml'), 'utf8')
    assert.match(tests, /<testsuite [^>]*tests="2"/)
    const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
    const wanted = { filter: {}, sort: 'title' as const, limit: 10 }
    const { items } = await listRules(app.house, caller, wanted)
    assert.deepEqual(
      items.map(({ title, group }) => [title, group]),
      [['Whoami as system', 'windows']],
    )
  })
}
