// The first hour of an install, as people do it: claim it, invite an engineer, who makes an account and
// comes in again by password. With script and without.

import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { startApp } from '#src/app.ts'
import { systemClock } from '#platform/clock.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { findWithAxe } from './axe.ts'
import { launchBrowser } from './chromium.ts'
import { keepPicture, sidewaysOf } from './look.ts'
import { watchContext } from './world.ts'

const PASSWORD = 'wide river 47 lanterns'
/** Longer than any list shows, and hostile. */
const ODD_NAME = 'Neil "><img src=x onerror=__xss(1)> of the very long name that goes on and on'

interface Install {
  readonly claimLink: string
  readonly violations: readonly string[]
  readonly openContext: (isScripted: boolean) => Promise<BrowserContext>
}

async function startInstall(t: TestContext): Promise<Install> {
  const configuration = testConfiguration(makeFolder(t), { RULEWRIGHT_LOG_LEVEL: 'error' })
  const app = await startApp({ configuration, clock: systemClock, isQuiet: true })
  const claimLink = (await app.claimLink())!
  const { origin } = new URL(claimLink)
  const browser = await launchBrowser()
  const contexts: BrowserContext[] = []
  const violations: string[] = []
  t.after(async () => {
    await Promise.all(contexts.map((context) => context.close()))
    await app.stop()
  })
  return {
    claimLink,
    violations,
    async openContext(javaScriptEnabled) {
      const viewport = { width: 1280, height: 800 }
      const context = await browser.newContext({ baseURL: origin, javaScriptEnabled, viewport })
      contexts.push(context)
      await watchContext(context, origin, violations)
      return context
    },
  }
}

async function look(page: Page, name: string): Promise<void> {
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    await keepPicture(page, `${name}-${width}`)
    assert.equal(await sidewaysOf(page), 0, `${name} scrolls sideways at ${width}`)
  }
  assert.deepEqual(await findWithAxe(page), [], name)
}

async function fillAccount(page: Page, account: Readonly<Record<string, string>>) {
  for (const [label, value] of Object.entries(account)) await page.getByLabel(label).fill(value)
}

for (const isScripted of [true, false]) {
  const how = isScripted ? 'with script' : 'without script'
  test(`from the claim link to an engineer who signs in, ${how}`, async (t) => {
    const install = await startInstall(t)
    const shot = (page: Page, name: string) => (isScripted ? look(page, name) : undefined)

    const first = await (await install.openContext(isScripted)).newPage()
    await first.goto(install.claimLink)
    await shot(first, 'claim')
    const ada = { 'Your name': 'Ada', 'E-mail': 'ada@acme.example' }
    await fillAccount(first, { ...ada, Password: 'ada ada ada ada' })
    await first.getByRole('button', { name: 'Claim it' }).click()
    await first.getByText('among the first guesses').waitFor()
    assert.equal(await first.getByLabel('Your name').inputValue(), 'Ada')
    await shot(first, 'claim-refused')
    await fillAccount(first, { Password: PASSWORD })
    await first.getByRole('button', { name: 'Claim it' }).click()
    await first.waitForURL('**/w/default')

    await first.goto('/w/default/settings/members')
    await first.getByLabel('E-mail', { exact: true }).fill('neil@acme.example')
    await first.getByLabel('Role', { exact: true }).last().selectOption('engineer')
    await first.getByRole('button', { name: 'Invite', exact: true }).click()
    const link = await first.getByLabel('Link', { exact: true }).inputValue()
    await shot(first, 'invitation-made')

    const second = await (await install.openContext(isScripted)).newPage()
    await second.goto(link)
    await shot(second, 'invite')
    await fillAccount(second, { 'Your name': ODD_NAME, Password: PASSWORD })
    await second.getByRole('button', { name: 'Accept and come in' }).click()
    await second.waitForURL('**/w/default')

    await first.goto('/w/default/settings/members')
    await first.getByRole('link', { name: 'Neil' }).click()
    await first.getByRole('heading', { name: ODD_NAME }).waitFor()
    await shot(first, 'member-odd')
    await first.goto('/instance/people')
    await first.getByText(ODD_NAME).waitFor()

    await second.context().clearCookies()
    await second.goto(link)
    await second.getByText('This link is over').waitFor()
    await second.goto('/sign-in')
    await fillAccount(second, { 'E-mail': 'neil@acme.example', Password: PASSWORD })
    await second.getByRole('button', { name: 'Sign in', exact: true }).click()
    await second.waitForURL('**/w/default')
    assert.equal(await second.getByRole('link', { name: 'Members' }).count(), 0)
    // A refused form and a link that is over are answers with an error status, which the console names.
    assert.deepEqual(install.violations, [])
  })
}
