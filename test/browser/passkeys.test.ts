// Passkeys and the other ways in, in a real browser: a virtual authenticator makes a key and signs in
// with it over http://localhost, and the keyboard alone gets somebody through password and code.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { findWithAxe } from './axe.ts'
import { ada } from '#test/support/cast.ts'
import { givePassword, giveTotp, PASSWORD } from '#test/support/passwords.ts'
import { startWorld } from './world.ts'

/** A device of the person's own, whose finger is always on it. */
async function addAuthenticator(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
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
}

test('a passkey is made, is the second step of a sign-in, and proves again who it is', async (t) => {
  const world = await startWorld(t)
  await givePassword(world.house, ada.userId)
  const page = await world.openPage('/account/security')
  await addAuthenticator(page)
  await page.getByRole('link', { name: 'Add a passkey' }).click()
  await page.getByLabel('Name').fill('Ada’s laptop')
  await page.getByRole('button', { name: 'Make the passkey' }).click()
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  assert.equal(await page.locator('.codes li').count(), 10)
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await page.getByText('Ada’s laptop').first().waitFor()

  await page.context().clearCookies()
  await page.addInitScript(() => {
    // This browser has no window in which one chooses an account.
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)
  })
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill('ada@acme.example')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await page.waitForURL(({ pathname }) => pathname === '/w/acme')
  const cookies = await page.context().cookies()
  const session = await world.sessions.find(cookies.find(({ name }) => name === 'session')!.value)
  assert.equal(session?.userId, ada.userId)
  assert.deepEqual(session.factors, ['password', 'passkey'])

  await page.goto('/account/prove?next=/account')
  await page.getByRole('button', { name: 'Prove it by a passkey' }).click()
  await page.waitForURL(({ pathname }) => pathname === '/account')
  await world.expectNoViolations()
})

test('the keyboard alone signs in by password and code', async (t) => {
  const world = await startWorld(t)
  await givePassword(world.house, ada.userId)
  const session = (await world.sessions.find(await world.cookieFor(ada)))!
  const { recoveryCodes } = await giveTotp(world.house, session)
  const page = await world.openPage('/sign-in', { person: null })
  await page.keyboard.type('ada@acme.example')
  await page.keyboard.press('Tab')
  await page.keyboard.type('not the password')
  await page.keyboard.press('Enter')
  await page.getByText('The e-mail address or the password is not right.').waitFor()
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@acme.example')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(({ pathname }) => pathname === '/sign-in/second')
  assert.deepEqual(await findWithAxe(page), [])
  await page.keyboard.type(recoveryCodes[0]!)
  await page.keyboard.press('Enter')
  await page.waitForURL(({ pathname }) => pathname === '/w/acme')
  await world.expectNoViolations()
})
