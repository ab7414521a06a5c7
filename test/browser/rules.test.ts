// The rules of a workspace in a real browser: the list as it stands, and how it follows its filter.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { ALL_VERBS } from '#domain/access/permission.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { addGroup } from '#domain/rules/groups/actions.ts'
import { addList } from '#domain/rules/lists/actions.ts'
import { NewListInput } from '#domain/rules/lists/input.ts'
import { getRule } from '#domain/rules/reading.ts'
import { starterRules } from '#src/starter/starter.ts'
import { lookAt, LOOKS } from './look.ts'
import { callerIn, startWorld, type World } from './world.ts'

const HOSTILE = [
  'title: "<img src=x onerror=alert(1)> \\u202Eevil ' + 'long '.repeat(80) + '"',
  'logsource: {product: "<b>p</b>", category: process_creation}',
  'detection: {selection: {Image: a}, condition: selection}',
].join('\n')

test('reference lists and the documentation stand at both widths and schemes', async (t) => {
  const world = await startWorld(t)
  const caller = { ...callerIn(world.house, 'wsp_acme'), verbs: ALL_VERBS }
  const none = await world.openPage('/w/acme/lists')
  await none.getByText('No list yet').waitFor()
  await lookAt(world, none, 'lists-none')
  await none.close()
  const values = ['ada', 'ACME\\ravi', `<b>${'long'.repeat(60)}</b>`]
  const given = { name: 'Admins', about: 'long '.repeat(60), values, owner: 'ada@acme.example' }
  const { id } = await addList(world.house, caller, NewListInput.parse(given))
  for (const [width, colorScheme] of LOOKS) {
    const page = await world.openPage('/w/acme/lists', {
      viewport: { width, height: 800 },
      colorScheme,
    })
    for (const at of ['', '/new', `/${id}`, `/${id}/edit`, '?q=nothing']) {
      await page.goto(`/w/acme/lists${at}`)
      await lookAt(
        world,
        page,
        `lists${at.replace(id, 'one').replaceAll(/\W/g, '-')}-${width}-${colorScheme}`,
      )
    }
    for (const at of ['/docs', '/docs/cli', '/docs/find?q=backup', '/docs/find?q=nowhere']) {
      await page.goto(at)
      await lookAt(world, page, `${at.replaceAll(/\W/g, '-')}-${width}-${colorScheme}`)
    }
    await page.close()
  }
})

test('the list of rules stands at both widths and schemes, full, filtered out and empty', async (t) => {
  const world = await startWorld(t)
  for (const [width, colorScheme] of LOOKS) {
    const page = await world.openPage('/w/acme/rules', {
      viewport: { width, height: 800 },
      colorScheme,
    })
    await page.getByText('No rules yet').waitFor()
    await lookAt(world, page, `rules-none-${width}-${colorScheme}`)
    await page.close()
  }
  await addRules(world)
  for (const [width, colorScheme] of LOOKS) {
    const page = await world.openPage('/w/acme/rules?sort=-level', {
      viewport: { width, height: 800 },
      colorScheme,
    })
    await page.getByText('43 rules').waitFor()
    await lookAt(world, page, `rules-${width}-${colorScheme}`)
    await page.goto('/w/acme/rules?q=nothing&technique=T1059')
    await page.getByText('No rule matches').waitFor()
    await lookAt(world, page, `rules-filtered-${width}-${colorScheme}`)
    await page.close()
  }
  await world.expectNoViolations()
})

test('the list follows what is typed and picked, and the address says it all', async (t) => {
  const world = await startWorld(t)
  await addRules(world)
  const page = await world.openPage('/w/acme/rules')
  await page.getByRole('searchbox').fill('shadow copies')
  await page.getByText('1 rule', { exact: true }).waitFor()
  assert.match(page.url(), /q=shadow(\+|%20)copies/)
  await page.getByRole('searchbox').fill('')
  await page.getByRole('combobox', { name: 'Level' }).selectOption('critical')
  await page.getByText('3 rules', { exact: true }).waitFor()
  await page.reload()
  assert.equal(await names(page).count(), 3)
  await page.goto('/w/acme/rules?technique=T1003')
  assert.equal(await names(page).count(), 2)
  await page.getByRole('link', { name: 'Remove filter technique is T1003' }).click()
  await page.getByText('43 rules').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('shadow copies')
  await page.getByText('1 rule', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'New rule' }).focus()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /shadow copies/i, level: 1 }).waitFor()
  const { pathname } = new URL(page.url())
  await page.goto(`/r/${pathname.split('/').at(-1)}`)
  assert.equal(new URL(page.url()).pathname, `${pathname}/triage`)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('shadow copies')
  await page.locator(`#palette a[href="${pathname}"]`).waitFor()
  await world.expectNoViolations()
})

const names = (page: Page) => page.locator('.rule-name')

async function addRules(world: World): Promise<void> {
  const caller = { ...callerIn(world.house, 'wsp_acme'), verbs: ALL_VERBS }
  const texts = [...starterRules().map(({ text }) => text), HOSTILE]
  for (const text of texts) {
    await createRule(world.house, caller, { text, reason: '', origin: 'written' })
  }
}

test('a rule is written, mended, saved, compared and restored by the keyboard alone', async (t) => {
  const world = await startWorld(t)
  const page = await world.openPage('/w/acme/rules/new')
  const written = await page.locator('textarea').inputValue()
  await write(page, written.replace('condition: selection', 'condition: nothing'))
  await page.getByRole('button', { name: 'Check' }).press('Enter')
  await page.locator('#problems').getByText('sigma/unknown-identifier').waitFor()
  await write(page, written)
  await page.getByLabel('Why this version').fill('The first')
  await page.getByLabel('Why this version').press('Enter')
  await page.getByRole('heading', { name: 'What this rule finds, in a few words' }).waitFor()
  const path = new URL(page.url()).pathname
  await page.getByRole('link', { name: 'Edit', exact: true }).press('Enter')
  await write(page, written.replace('level: medium', 'level: high'))
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByText('Version 2 is saved.').waitFor()
  await page.goto(`${path}/versions/2?from=1`)
  await page.getByText('level medium → high').waitFor()
  await page.getByRole('button', { name: 'Restore version 1' }).press('Enter')
  await page.getByText('Version 1 is the newest text again.').waitFor()
  for (const [width, colorScheme] of LOOKS) {
    const looked = await world.openPage(path, { viewport: { width, height: 800 }, colorScheme })
    await looked.goto('/w/acme/rules/new/from')
    const event = { CommandLine: `<b>\u202E${'x'.repeat(300)}`, Image: 'C:\\\\x.exe' }
    await looked.getByLabel('Event', { exact: true }).fill(JSON.stringify(event))
    await looked.getByRole('button', { name: 'Show its fields' }).click()
    await looked.getByLabel('Image').check()
    await lookAt(world, looked, `begin-${width}-${colorScheme}`)
    await looked.getByRole('button', { name: 'Make the rule' }).click()
    await looked.getByText('x.exe').first().waitFor()
    for (const face of FACES) {
      await looked.goto(path + face)
      await lookAt(world, looked, `rule${face.replaceAll(/\W/g, '-')}-${width}-${colorScheme}`)
    }
    await looked.close()
  }
  await world.expectNoViolations()
})

const FACES = [
  '',
  '/query',
  '/tests',
  '/tests/generated',
  '/versions',
  '/versions/2?from=1',
  '/edit',
]

test('what an event shows to be harmless is excluded from its rule, looked at, and ended', async (t) => {
  const world = await startWorld(t)
  const caller = { ...callerIn(world.house, 'wsp_acme'), verbs: ALL_VERBS }
  const { text } = starterRules().find((one) => one.text.includes('vssadmin'))!
  const { rule } = await createRule(world.house, caller, { text, reason: '', origin: 'written' })
  const page = await world.openPage(`/w/acme/rules/${rule.id}`)
  await page.getByText('Nothing is excluded from this rule').waitFor()
  await page.getByRole('link', { name: 'Exclude' }).click()
  const event = { Image: String.raw`C:\Windows\vssadmin.exe`, User: 'svc-backup', EventID: 1 }
  await page.getByLabel('Event', { exact: true }).fill(JSON.stringify(event))
  await page.getByRole('button', { name: 'Show its fields' }).press('Enter')
  await page.getByLabel('User: svc-backup').check()
  await page.getByRole('button', { name: 'Write the text' }).press('Enter')
  await page.getByText('User: svc-backup', { exact: false }).first().waitFor()
  assert.match(
    await page.getByLabel('Text', { exact: true }).inputValue(),
    /^ {4}User: svc-backup$/m,
  )
  await page.getByLabel('Owner').fill('ada@acme.example')
  await page.getByLabel('Why this is harmless').fill('The backup agent runs it each night')
  await page.getByRole('button', { name: 'Exclude' }).press('Enter')
  await page.getByText('User is "svc-backup"').waitFor()
  const path = new URL(page.url()).pathname
  for (const [width, colorScheme] of LOOKS) {
    const looked = await world.openPage(path, { viewport: { width, height: 800 }, colorScheme })
    for (const at of [path, `${path}/edit`, `/w/acme/exclusions/new?rule=${rule.id}`]) {
      await looked.goto(at)
      const name = at === path ? 'exclusion' : at.endsWith('/edit') ? 'edit' : 'new'
      await lookAt(world, looked, `exclusion-${name}-${width}-${colorScheme}`)
    }
    for (const state of ['', 'overdue', 'ended']) {
      await looked.goto(`/w/acme/exclusions?state=${state}`)
      await lookAt(world, looked, `exclusions-${state}-${width}-${colorScheme}`)
    }
    await looked.close()
  }
  await page.goto(`/w/acme/rules/${rule.id}`)
  await page.getByText('1 in force').waitFor()
  await page.goto(path)
  await page.getByRole('button', { name: 'End now' }).press('Enter')
  await page.getByRole('button', { name: 'End it' }).press('Enter')
  await page.getByText('The exclusion has ended.').waitFor()
  await world.expectNoViolations()
})

test('an edit that somebody else overtook is merged, and neither is lost', async (t) => {
  const world = await startWorld(t)
  const caller = { ...callerIn(world.house, 'wsp_acme'), verbs: ALL_VERBS }
  const text = starterRules()[0]!.text
  const rule = { text, reason: '', origin: 'written' } as const
  const { rule: made } = await createRule(world.house, caller, rule)
  const path = `/w/acme/rules/${made.id}`
  const page = await world.openPage(`${path}/edit`)
  const theirs = { text: `${text}# theirs\n`, reason: 'Theirs', expected: 'any' } as const
  await saveRule(world.house, caller, made.id, theirs)
  const typed = await page.locator('textarea').inputValue()
  await write(page, typed.replace(/^title: .*$/m, 'title: Mine'))
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Somebody else saved this rule meanwhile.').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Version 3 is saved.').waitFor()
  const kept = await getRule(world.house, caller, made.id)
  assert.match(kept.text, /^title: Mine$/m)
  assert.match(kept.text, /# theirs/)
})

test('the editor marks what is wrong while one types, offers words, and saves by Ctrl S', async (t) => {
  const world = await startWorld(t)
  const page = await world.openPage('/w/acme/rules/new')
  const field = page.locator('textarea')
  const written = await field.inputValue()
  await write(page, written.replace('condition: selection', 'condition: nothing'))
  await page.locator('#problems').getByText('sigma/unknown-identifier').waitFor()
  await page.locator('.cm-lintRange-error').waitFor()
  await lookAt(world, page, 'editor-problem')
  await write(page, written.replace('example.exe', 'another.exe'))
  const preview = page.locator('#preview')
  await preview.getByText('another.exe').first().waitFor()
  await preview.getByRole('radio', { name: /Elastic/ }).check()
  await preview.locator('[data-kind=elastic]').getByText('another.exe').first().waitFor()
  await write(page, written.replace('example.exe', 'a-third.exe'))
  await preview.locator('[data-kind=elastic]').getByText('a-third.exe').first().waitFor()
  assert.equal(await preview.locator('[data-kind=splunk]').isVisible(), false)
  await lookAt(world, page, 'editor-preview')
  await write(
    page,
    'logsource:\n  product: windows\n  category: process_creation\ndetection:\n  one:\n',
  )
  await page.keyboard.type('    ParentIm')
  await page.getByRole('option', { name: 'ParentImage', exact: true }).click()
  await page.keyboard.type('|ends')
  await page.getByRole('option', { name: 'endswith', exact: true }).click()
  await page.keyboard.type(': a')
  assert.match(await field.inputValue(), /^    ParentImage\|endswith: a$/m)
  await write(page, written)
  await page.keyboard.press('Control+s')
  await page.getByText('The rule is saved.').waitFor()
  await world.expectNoViolations()
})

test('rules are ticked by the keyboard, changed as a job that shows each, and changed back', async (t) => {
  const world = await startWorld(t)
  await addRules(world)
  const page = await world.openPage('/w/acme/rules?level=high')
  await page.getByText('None ticked').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.getByText('2 ticked').waitFor()
  await page.keyboard.press('?')
  const keys = page.getByRole('group', { name: 'Keys of this page' })
  await keys.getByText('Tick the rule').waitFor()
  for (const name of ['New rule', 'Next row', 'Open the row', 'Go to Rules', /^Words in name/]) {
    assert.equal(await keys.getByText(name).count(), 1, String(name))
  }
  await lookAt(world, page, 'rules-keys')
  await page.keyboard.press('Escape')
  await lookAt(world, page, 'rules-ticked')
  await page.getByRole('button', { name: 'Change', exact: true }).press('Enter')
  await page.getByRole('heading', { name: 'Change 2 rules' }).waitFor()
  await page.getByLabel('Level').selectOption('low')
  await page.getByRole('button', { name: 'Set level' }).press('Enter')
  await page.getByText('v1 → v2').first().waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Undo it' }).click()
  await page.getByText('v2 → v3').first().waitFor()
  const undone = new URL(page.url()).pathname
  await page.goto('/w/acme/rules?level=high')
  await page.getByRole('button', { name: 'Columns' }).press('Enter')
  await page.getByRole('checkbox', { name: 'Owner' }).check()
  await page.getByRole('button', { name: 'Show these' }).press('Enter')
  await page.getByRole('columnheader', { name: 'Owner' }).waitFor()
  await page.getByRole('button', { name: 'Save view' }).press('Enter')
  await page.getByLabel('Name of this view').fill('<b>High</b> \u202E'.repeat(5))
  await lookAt(world, page, 'rules-save-view')
  await page.getByRole('button', { name: 'Keep' }).press('Enter')
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current]').waitFor()
  const long = '<i>Windows</i> \u202E' + 'machines '.repeat(9)
  const caller = { ...callerIn(world.house, 'wsp_acme'), verbs: ALL_VERBS }
  await addGroup(world.house, caller, { slug: `a${'-long'.repeat(12)}`, name: long })
  const choice = '/w/acme/rules/bulk?all=1&of=q%3Devil'
  for (const [width, colorScheme] of LOOKS) {
    const looked = await world.openPage(choice, { viewport: { width, height: 800 }, colorScheme })
    await lookAt(world, looked, `bulk-${width}-${colorScheme}`)
    await looked.goto('/w/acme/rules/bulk')
    await lookAt(world, looked, `bulk-none-${width}-${colorScheme}`)
    await looked.goto(undone)
    await lookAt(world, looked, `bulk-done-${width}-${colorScheme}`)
    await looked.goto(`${undone}?result=refused`)
    await lookAt(world, looked, `bulk-refused-${width}-${colorScheme}`)
    await looked.goto('/w/acme/rules/views')
    await lookAt(world, looked, `views-${width}-${colorScheme}`)
    await looked.goto('/w/acme/groups')
    await lookAt(world, looked, `groups-${width}-${colorScheme}`)
    await looked.getByRole('link', { name: long }).click()
    await looked.getByRole('heading', { name: 'Change the group' }).waitFor()
    await lookAt(world, looked, `group-${width}-${colorScheme}`)
    await looked.close()
  }
  await world.expectNoViolations()
})

/** As somebody does who selects all and pastes; the field itself is behind the editor. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}
