// Following an upstream in a real browser: a bundle is brought, applied, changed here and there, and a
// conflict is decided by clicking; then a native rule is taken over as Sigma.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { systemCaller } from '#domain/access/system.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { findRuleBySigmaId, getRule } from '#domain/rules/reading.ts'
import type { House } from '#platform/house.ts'
import { lookAt, LOOKS } from './look.ts'
import { startWorld, type World } from './world.ts'

const HOSTILE = '<img src=x onerror=alert(1)> \u202e' + 'long '.repeat(30)
const idOf = (n: number) => `00000000-0000-4000-8000-00000000000${n}`

const ruleText = (
  n: number,
  level: string,
  image = 'a.exe',
) => `title: ${n === 2 ? JSON.stringify(HOSTILE) : `Rule ${n}`}
id: ${idOf(n)}
status: test
description: A tool that nobody here uses.
references:
    - https://example.org/report
author: Somebody
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: '\\${image}'
    condition: selection
level: ${level}
`

const NATIVE = `title: Root signs in
rulewright:
  implementations:
    splunk: {type: query, query: 'index=aws sourcetype=aws:cloudtrail eventName=ConsoleLogin userIdentity.type=Root'}
`

function filesOf(level: string) {
  return [1, 2, 3].map((n) => ({
    name: `${n}.yml`,
    mimeType: 'text/yaml',
    buffer: Buffer.from(ruleText(n, n === 1 ? 'low' : level)),
  }))
}

test('an upstream is followed, updated and decided by clicking', async (t) => {
  const world = await startWorld(t)
  const page = await world.openPage('/w/acme/rules/imports')
  await page.getByRole('link', { name: 'Follow an upstream' }).click()
  await page.getByLabel('Name', { exact: true }).fill('SigmaHQ')
  await page.getByLabel('Address').fill('https://example.org/sigma')
  await page.getByLabel('Licence').fill('DRL 1.1')
  await page.getByLabel('The bundle', { exact: true }).setInputFiles(filesOf('low'))
  await page.getByRole('button', { name: 'Show what it would bring' }).click()
  await page.getByLabel(/Also take 3 rules/).check()
  await page.getByRole('button', { name: 'Apply what is decided' }).click()
  await page.getByText('Applied so far: created 3.').waitFor()

  await editHere(world)
  await page.getByLabel('The bundle', { exact: true }).setInputFiles(filesOf('high'))
  await page.getByLabel('Release').fill('r2')
  await page.getByRole('button', { name: 'Show what it would change' }).click()
  await page.getByText('2 of your rules: 1 apply cleanly, 1 conflict.').waitFor()
  const path = new URL(page.url()).pathname
  await look(world, 'upstream', path)
  await look(world, 'upstreams', '/w/acme/upstreams')
  await page.getByRole('link', { name: 'Rule 3' }).click()
  await page.getByRole('heading', { name: 'Where both changed' }).waitFor()
  await look(world, 'upstream-conflict', new URL(page.url()).pathname)
  await page.getByLabel('Merge, theirs where both changed').check()
  await page.getByRole('button', { name: 'Choose' }).click()
  await page.getByRole('button', { name: 'Apply what is decided' }).click()
  await page.getByText(/new version 2/).waitFor()
  const { id } = (await findRuleBySigmaId(world.house, callerIn(world.house), idOf(2)))!
  await look(world, 'rule-from-upstream', `/w/acme/rules/${id}`)
  await world.expectNoViolations()
})

test('a native rule is taken over as Sigma by clicking', async (t) => {
  const world = await startWorld(t)
  const caller = callerIn(world.house)
  const input = { text: NATIVE, reason: '', origin: 'imported' } as const
  const { rule } = await createRule(world.house, caller, input)
  const path = `/w/acme/rules/${rule.id}/query`
  await look(world, 'sigma-offer', path)
  const page = await world.openPage(path)
  await page.getByRole('button', { name: 'Add this detection' }).click()
  await page.getByText('Version 2 has the detection beside the query.').waitFor()
  assert.equal((await getRule(world.house, caller, rule.id)).format, 'mixed')
  await world.expectNoViolations()
})

const callerIn = (house: House) => systemCaller(house, 'test', undefined, 'wsp_acme')

async function editHere({ house }: World): Promise<void> {
  const caller = callerIn(house)
  for (const [n, change] of [
    [2, ['a.exe', 'b.exe']],
    [3, ['level: low', 'level: critical']],
  ] as const) {
    const { id } = (await findRuleBySigmaId(house, caller, idOf(n)))!
    const { text } = await getRule(house, caller, id)
    const edit = { text: text.replace(change[0], change[1]), reason: '', expected: 'any' } as const
    await saveRule(house, caller, id, edit)
  }
}

async function look(world: World, name: string, path: string): Promise<void> {
  for (const [width, colorScheme] of LOOKS) {
    const page: Page = await world.openPage(path, { viewport: { width, height: 800 }, colorScheme })
    await lookAt(world, page, `${name}-${width}-${colorScheme}`)
    await page.close()
  }
}
