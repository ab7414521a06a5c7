// The pages one comes to only step by step: a sign-in that was refused, its second step, an
// authenticator app being set up, recovery codes, links to join and to choose a password. Each is
// looked at in every window as the other pages are.

import assert from 'node:assert/strict'
import test from 'node:test'
import { Secret, TOTP } from 'otpauth'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { invite } from '#domain/access/invitations.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { makeReset } from '#domain/access/resets.ts'
import { systemCaller } from '#domain/access/system.ts'
import { ada, gwen, ravi, vera } from '#test/support/cast.ts'
import { givePassword, giveTotp, PASSWORD } from '#test/support/passwords.ts'
import { lookAt, LOOKS } from './look.ts'
import { callerIn, startWorld, type World } from './world.ts'

type Look = (page: Page, name: string) => Promise<void>

for (const [width, colorScheme] of LOOKS) {
  test(`the steps of coming in stand at ${width} px, ${colorScheme}`, async (t) => {
    const world = await startWorld(t)
    const viewport = { width, height: width === 390 ? 844 : 900 }
    const options = { viewport, colorScheme }
    const look: Look = (page, name) => lookAt(world, page, `${name}-${width}-${colorScheme}`)
    await lookAtSecondStep(world, options, look)
    await lookAtSetup(world, options, look)
    await lookAtLinks(world, options, look)
    await world.expectNoViolations()
  })
}

async function lookAtSecondStep(world: World, options: BrowserContextOptions, look: Look) {
  await givePassword(world.house, vera.userId)
  await giveTotp(world.house, (await world.sessions.find(await world.cookieFor(vera)))!)
  const page = await world.openPage('/sign-in?next=/account', { ...options, person: null })
  await signIn(page, 'not the password at all')
  await page.getByText('The e-mail address or the password is not right.').waitFor()
  await look(page, 'sign-in-refused')
  await signIn(page, PASSWORD)
  await page.waitForURL('**/sign-in/second')
  await look(page, 'sign-in-second')
  await page.getByRole('textbox').fill('000 000 000')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('That code is not right').waitFor()
  await look(page, 'sign-in-second-refused')
}

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(vera.email!)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function lookAtSetup(world: World, options: BrowserContextOptions, look: Look) {
  await givePassword(world.house, ada.userId)
  await world.openPage('/account', options)
  const page = await world.openPage('/account/sessions', options)
  assert.equal(await page.getByRole('button', { name: 'End this session' }).count(), 1)
  await look(page, 'account-sessions-two')
  await page.goto('/account/security')
  await page.getByRole('button', { name: 'Set up an app' }).click()
  const key = (await page.locator('#totp-key').textContent())!.replaceAll(/\s/g, '')
  await look(page, 'totp-setup')
  const totp = new TOTP({ secret: Secret.fromBase32(key) })
  await page.getByRole('textbox').fill(totp.generate({ timestamp: world.house.clock.now() }))
  await page.getByRole('button', { name: 'Use this app' }).click()
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  assert.equal(await page.locator('.codes li').count(), 10)
  await look(page, 'recovery-codes')
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await page.getByText('10 of 10 left').waitFor()
  await look(page, 'account-security-app')
  await page.goto('/account/prove?next=/account')
  await look(page, 'prove-app')
  await page.goto('/account/events')
  await look(page, 'account-events-some')
}

async function lookAtLinks(world: World, options: BrowserContextOptions, look: Look) {
  const { house } = world
  const admin = { ...callerIn(house, 'wsp_acme'), verbs: verbsOf('admin') }
  const as = { role: 'engineer', isApprover: false, isAuditor: false } as const
  const page = await world.openPage('/', { ...options, person: null })
  const toNew = await invite(house, admin, { email: 'grace@acme.example', ...as }, String)
  await page.goto(`/invite/${toNew.token}`)
  await look(page, 'invite-new')
  const toKnown = await invite(house, admin, { email: gwen.email!, ...as }, String)
  await page.goto(`/invite/${toKnown.token}`)
  await page.getByRole('link', { name: 'Sign in to accept' }).waitFor()
  await look(page, 'invite-known')
  const reset = await makeReset(house, systemCaller(house, 'test'), ravi.userId)
  await page.goto(`/reset/${reset.token}`)
  await look(page, 'reset')
  await page.getByLabel('New password').fill('aaaa')
  await page.getByRole('button', { name: 'Save the password' }).click()
  await page.locator('.error').waitFor()
  await look(page, 'reset-refused')
  await page.getByLabel('New password').fill('marble kettle ocean fern')
  await page.getByRole('button', { name: 'Save the password' }).click()
  await page.getByText('The password is changed').waitFor()
  await look(page, 'reset-done')
}
