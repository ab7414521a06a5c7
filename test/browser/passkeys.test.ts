// Passkeys and the other ways in, in a real browser: a virtual authenticator makes a key and signs in
// with it over http://localhost, and the keyboard alone gets somebody through password and code.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { findWithAxe } from './axe.ts'
import { ada } from '#test/support/cast.ts'
import { givePassword, giveTotp, PASSWORD } from '#test/support/passwords.ts'
import { startWorld, type World } from './world.ts'

interface Device {
  /** Puts the finger on it, for what is asked from now on, or takes it off. */
  readonly touch: (isTouched: boolean) => Promise<void>
}

/** A device of the person's own, whose finger is on it. */
async function addAuthenticator(page: Page): Promise<Device> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    async touch(enabled) {
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
    },
  }
}

async function makePasskey(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Add a passkey' }).click()
  await page.getByLabel('Name').fill('Ada’s laptop')
  await page.getByRole('button', { name: 'Make the passkey' }).click()
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
}

/** Every page from here on keeps a note of what it asks for, and of letting go of it; it outlives the page. */
async function noteCalls(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const note = (text: string) =>
      sessionStorage.setItem('asked', `${sessionStorage.getItem('asked') ?? ''}${text};`)
    const get = navigator.credentials.get.bind(navigator.credentials)
    navigator.credentials.get = (options = {}) => {
      const { mediation = 'at once', signal, publicKey } = options
      note(`${mediation}, ${publicKey?.allowCredentials?.length || 'none'} named`)
      signal?.addEventListener('abort', () => note('let go'))
      return get(options)
    }
  })
}

async function sessionOf(world: World, page: Page) {
  const cookies = await page.context().cookies()
  return world.sessions.find(cookies.find(({ name }) => name === 'session')?.value)
}

test('a passkey is made, is the second step of a sign-in, and proves again who it is', async (t) => {
  const world = await startWorld(t)
  await givePassword(world.house, ada.userId)
  const page = await world.openPage('/account/security')
  const device = await addAuthenticator(page)
  await makePasskey(page)
  assert.equal(await page.locator('.codes li').count(), 10)
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await page.getByText('Ada’s laptop').first().waitFor()

  await page.context().clearCookies()
  await device.touch(false) // or the offer in the e-mail field is taken before anything is typed
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill('ada@acme.example')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await device.touch(true)
  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await page.waitForURL(({ pathname }) => pathname === '/w/acme')
  const session = await sessionOf(world, page)
  assert.equal(session?.userId, ada.userId)
  assert.deepEqual(session.factors, ['password', 'passkey'])

  await page.goto('/account/prove?next=/account')
  await page.getByRole('button', { name: 'Prove it by a passkey' }).click()
  await page.waitForURL(({ pathname }) => pathname === '/account')
  await world.expectNoViolations()
})

test('a passkey signs in without a name, by the button or from the menu of the field', async (t) => {
  const world = await startWorld(t)
  const page = await world.openPage('/account/security')
  const device = await addAuthenticator(page)
  await makePasskey(page)
  await noteCalls(page)

  await page.context().clearCookies()
  await device.touch(false)
  await page.goto('/sign-in?next=/w/acme/jobs')
  await page.waitForFunction(() => sessionStorage.getItem('asked') !== null)
  const asked = () => page.evaluate(() => sessionStorage.getItem('asked'))
  assert.equal(await asked(), 'conditional, none named;')
  assert.match((await page.getByLabel('E-mail').getAttribute('autocomplete'))!, /\bwebauthn$/)
  assert.equal(await sessionOf(world, page), undefined, 'the premise')
  await device.touch(true)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.waitForURL(({ pathname }) => pathname === '/w/acme/jobs')
  assert.equal(await asked(), 'conditional, none named;let go;at once, none named;')
  const byButton = await sessionOf(world, page)
  assert.equal(byButton?.userId, ada.userId)
  assert.deepEqual(byButton.factors, ['passkey'])

  await page.context().clearCookies()
  await page.goto('/sign-in?next=/w/acme/jobs')
  await page.waitForURL(({ pathname }) => pathname === '/w/acme/jobs')
  const fromMenu = await sessionOf(world, page)
  assert.equal(fromMenu?.userId, ada.userId)
  assert.notEqual(fromMenu.id, byButton.id)
  await world.expectNoViolations()
})

test('the keyboard alone signs in by password and code', async (t) => {
  const world = await startWorld(t)
  await givePassword(world.house, ada.userId)
  const session = (await world.sessions.find(await world.cookieFor(ada)))!
  const { recoveryCodes } = await giveTotp(world.house, session)
  const page = await world.openPage('/sign-in', { person: null })
  await page.getByLabel('E-mail').and(page.locator(':focus')).waitFor()
  await page.keyboard.type('ada@acme.example')
  await page.keyboard.press('Tab')
  await page.keyboard.type('not the password')
  await page.keyboard.press('Enter')
  await page.getByText('The e-mail address or the password is not right.').waitFor()
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@acme.example')
  await page.getByLabel('Password').and(page.locator(':focus')).waitFor()
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(({ pathname }) => pathname === '/sign-in/second')
  assert.deepEqual(await findWithAxe(page), [])
  await page.getByLabel('Code').and(page.locator(':focus')).waitFor()
  await page.keyboard.type(recoveryCodes[0]!)
  await page.keyboard.press('Enter')
  await page.waitForURL(({ pathname }) => pathname === '/w/acme')
  await world.expectNoViolations()
})
