// What the owner does on the page of the instance: back up, verify, release. And who may not.

import assert from 'node:assert/strict'
import test from 'node:test'
import { changeHold } from '#platform/keys/hold.ts'
import { ravi } from '#test/support/cast.ts'
import { findWithAxe } from './axe.ts'
import { callerIn, startWorld } from './world.ts'

test('a backup asked for now runs as a job and stands in the list when it is proven', async (t) => {
  const { openPage, expectNoViolations } = await startWorld(t)
  const page = await openPage('/instance')
  await page.getByText('There is no backup yet.').waitFor()
  await page.getByRole('button', { name: 'Back up now' }).click()
  await page.locator('#toasts').getByText('The backup has begun.').waitFor()
  const row = page.locator('#backups tbody tr')
  await row.getByText('the secret in force').waitFor()
  assert.deepEqual(await findWithAxe(page), [])
  await page.goto('/instance/jobs')
  await page.getByRole('link', { name: 'Back up the instance' }).last().click()
  await page.locator('.badge', { hasText: 'Done' }).waitFor()
  await page.goto('/w/acme')
  await page.getByText('Make the first backup (done)').waitFor()
  await expectNoViolations()
})

test('the whole log is verified by a job, from its page and from the palette', async (t) => {
  const { openPage, expectNoViolations } = await startWorld(t)
  const page = await openPage('/instance/audit')
  await page.getByRole('button', { name: 'Verify the whole log' }).click()
  await page.locator('#toasts').getByText('The log is being verified.').waitFor()
  await page.keyboard.press('Control+K')
  await page.keyboard.type('verify')
  await page.getByRole('button', { name: 'Verify the whole audit log' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/instance/jobs/job_*')
  await page.locator('.badge', { hasText: 'Done' }).waitFor()
  await expectNoViolations()
})

test('a held instance says so on every page until an owner releases it', async (t) => {
  const { openPage, house, expectNoViolations } = await startWorld(t)
  const caller = callerIn(house, 'wsp_instance')
  const hold = { at: house.clock.now(), reason: 'It was restored from a backup of yesterday.' }
  await changeHold(house, caller, hold, async () => {})
  const page = await openPage('/w/acme', { javaScriptEnabled: false })
  await page.getByText('This instance is held.').waitFor()
  await page.goto('/instance')
  await page.getByRole('button', { name: 'Release the instance' }).click()
  const dialog = page.getByRole('dialog', { name: 'Release this instance?' })
  await dialog.getByRole('button', { name: 'Release it' }).click()
  await page.getByText('The instance is released.').waitFor()
  assert.equal(await page.getByText('This instance is held.').count(), 0)
  assert.equal(house.keys.hold, undefined)
  await expectNoViolations()
})

test('who is no owner sees neither link nor page, and cannot act by hand', async (t) => {
  const { openPage, cookieFor, origin, house } = await startWorld(t)
  const page = await openPage('/w/acme', { person: ravi })
  assert.equal(await page.getByRole('link', { name: 'Instance' }).count(), 0)
  assert.equal((await page.goto('/instance'))?.status(), 403)
  for (const path of ['/instance/backups', '/instance/audit/checks', '/instance/release']) {
    const answer = await fetch(origin + path, {
      method: 'POST',
      headers: { Cookie: `session=${await cookieFor(ravi)}`, 'Sec-Fetch-Site': 'same-origin' },
    })
    assert.equal(answer.status, 403, path)
  }
  const jobs = await house.jobs.list(callerIn(house, 'wsp_instance').scope, {}, { limit: 10 })
  assert.deepEqual(jobs, [])
})
