// A change in a real browser, from the list of rules to a target and back: what would be written is
// shown, somebody else signs it, it is deployed, read back, and rolled back.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ALL_VERBS } from '#domain/access/permission.ts'
import { createRule } from '#domain/rules/actions.ts'
import { addLocalTarget } from '#domain/targets/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import { addPerson } from '#cli/demo/cast.ts'
import type { Person } from '#domain/access/person.ts'
import { ravi } from '#test/support/cast.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { keepPicture } from './look.ts'
import { callerIn, startWorld, type World } from './world.ts'

const LONG = 'A title that is much too long for any place where it is shown '.repeat(3).trim()

const textOf = (title: string, image: string) =>
  [
    `title: ${title}`,
    'level: high',
    'logsource: {product: windows, category: process_creation}',
    `detection: {selection: {Image|endswith: '${image}'}, condition: selection}`,
  ].join('\n')

test('a change is opened, signed by somebody else, deployed and rolled back', async (t) => {
  const world = await startWorld(t)
  const { titles, maren, jonas } = await fill(world)
  const page = await world.openPage('/w/acme/changes', { person: maren })
  await page.getByText('No change is open').waitFor()
  await page.goto('/w/acme/rules')
  for (const name of titles) await page.getByRole('checkbox', { name }).check()
  await page.getByRole('button', { name: 'Deploy' }).click()
  await page.getByRole('heading', { name: 'New change to 2 rules' }).waitFor()
  await page.getByRole('textbox', { name: 'Why' }).fill('They were tested for a week.')
  await page.getByRole('button', { name: 'Show what would be written' }).click()
  await page.getByText('Tick at least one target.').waitFor()
  await page.getByRole('checkbox', { name: 'local' }).check()
  await page.getByRole('button', { name: 'Show what would be written' }).click()
  await page.getByText('The rule stands there for the first time').first().waitFor()
  const { pathname } = new URL(page.url())
  await keepPicture(page, 'change-draft-1280')
  await page.getByRole('button', { name: 'Ask for review' }).click()
  await page.getByText('You cannot sign it: They opened this change.').waitFor()

  const other = await world.openPage('/w/acme/changes?view=waiting', { person: jonas })
  await other.getByRole('link', { name: /Changes 1 waits for you/ }).waitFor()
  await other.getByRole('link', { name: 'Deploy 2 rules' }).click()
  await keepPicture(other, 'change-review-1280')
  await other.locator('body').press('r')
  const sentBack = other.getByRole('dialog', { name: 'Send it back?' })
  await sentBack.getByRole('textbox', { name: 'Why' }).fill(' ')
  await sentBack.getByRole('button', { name: 'Request changes' }).click()
  await other.getByText('Say why, so that others can do something about it.').waitFor()
  await other.locator('body').press('j')
  await other.locator('#item-1-title a:focus').waitFor()
  await other.locator('body').press('a')
  const approval = other.getByRole('dialog', { name: 'Approve this change?' })
  await approval.locator('textarea:focus').fill('Looks right.')
  await approval.getByRole('button', { name: 'Approve' }).click()
  await other.getByText('1 of 1', { exact: true }).waitFor()
  assert.equal(new URL(other.url()).pathname, pathname)
  await page.goto(pathname)
  await keepPicture(page, 'change-approved-1280')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await page.getByRole('button', { name: 'Roll back' }).waitFor()
  await page.getByText('2 of 2 verified').waitFor()
  await keepPicture(page, 'deployment-1280')
  const deployment = new URL(page.url()).pathname
  await page.goto('/w/acme/find?q=RULES%20deploy')
  await page.getByRole('link', { name: 'Deploy 2 rules deployed' }).nth(1).waitFor()
  for (const list of ['changes?view=all', 'deployments?state=deployed']) {
    await page.goto(`/w/acme/${list}&q=RULES%20deploy`)
    await page.getByRole('link', { name: 'Deploy 2 rules' }).waitFor()
    await page.goto(`/w/acme/${list}&q=rules%20undeploy`)
    await page.getByText(/^No (change|deployment) fits$/).waitFor()
  }
  await page.goto('/w/acme/rules?columns=where&sort=title')
  await page.getByText('local: live, version 1').first().waitFor({ state: 'attached' })
  await page.goto(deployment)
  await page.getByRole('button', { name: 'Roll back' }).click()
  await page.getByRole('button', { name: 'Roll back 2 items' }).click()
  await page.getByText('The rollback has begun.').waitFor()
  await page.getByText('2 of 2 verified').waitFor()
  await keepPicture(page, 'rollback-1280')
  await page.goto('/w/acme/rules?columns=where')
  await page.getByText('nowhere').first().waitFor()
  await world.expectNoViolations()
})

test('where the workspace signs with passkeys, the passkey answers to the hash of the change', async (t) => {
  const world = await startWorld(t)
  const { titles, maren, jonas } = await fill(world, { passkeySigning: true })
  const page = await world.openPage('/w/acme/rules', { person: maren })
  await page.getByRole('checkbox', { name: titles[0]! }).check()
  await page.getByRole('button', { name: 'Deploy' }).click()
  await page.getByRole('checkbox', { name: 'local' }).check()
  await page.getByRole('button', { name: 'Show what would be written' }).click()
  await page.getByRole('button', { name: 'Ask for review' }).click()
  await page.getByText('It waits for signatures.').waitFor()
  const { pathname } = new URL(page.url())

  const other = await world.openPage('/account/security', { person: jonas })
  const cdp = await other.context().newCDPSession(other)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await other.getByRole('link', { name: 'Add a passkey' }).click()
  await other.getByLabel('Name').fill('Jonas’s laptop')
  await other.getByRole('button', { name: 'Make the passkey' }).click()
  await other.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  await other.goto(pathname)
  assert.equal(await other.getByRole('button', { name: 'Approve', exact: true }).count(), 0)
  await other.getByRole('button', { name: 'Approve with a passkey' }).click()
  await other.getByText('approved with a passkey').waitFor()
  await world.expectNoViolations()
})

/** Two rules, a sandbox to deploy to, and review by another person. */
async function fill(world: World, more: Partial<Policy> = {}) {
  const { house } = world
  const caller = { ...callerIn(house, 'wsp_acme'), verbs: ALL_VERBS }
  await addLocalTarget(house, caller, 'wsp_acme' as WorkspaceId)
  const titles = ['Credential dumping by a known tool', LONG]
  for (const title of titles) {
    const text = textOf(title, '\\mimikatz.exe')
    await createRule(house, caller, { text, reason: '', origin: 'written' })
  }
  await nextTurn()
  const { policy, version } = await readPolicy(house, caller)
  await changePolicy(house, caller, { policy: { ...policy, review: true, ...more }, version })
  return { titles, maren: await engineer(house, 'maren'), jonas: await engineer(house, 'jonas') }
}

/** Signatures are of people whose ids are those of people. */
async function engineer(house: House, name: string): Promise<Person> {
  const workspace = { id: 'wsp_acme' as WorkspaceId, slug: 'acme', name: 'acme' }
  const userId = await addPerson(house, workspace, name, 'engineer')
  return { ...ravi, userId, name }
}
