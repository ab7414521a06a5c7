// Jobs as a person follows them: the panel and the page live by signals, survive a reload, and can be
// stopped with the keyboard alone and without script.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { findWithAxe } from './axe.ts'
import { ravi, vera } from '#test/support/cast.ts'
import { startWorld } from './world.ts'

const note = (page: Page, hasText: string) => page.locator('#main .job-note', { hasText })

const progress = (done: number) => ({ done, total: 5, unit: 'segments', note: 'reading' })

test('a job shows its progress while it runs, and survives a reload', async (t) => {
  const { openPage, startJob, work, expectNoViolations } = await startWorld(t)
  const page = await openPage('/w/acme/jobs')
  const id = await startJob('Search the last 24 h')
  await page.getByRole('link', { name: 'Search the last 24 h' }).last().waitFor()
  const { report, finish } = await work.begun(id)
  report(progress(2))
  const list = page.locator('#jobs-list')
  await list.getByText('2 of 5 segments, reading').waitFor()
  await page.reload()
  const bar = list.getByRole('progressbar', { name: 'Progress of Search the last 24 h' })
  assert.equal(await bar.getAttribute('value'), '2')
  report(progress(4))
  await list.getByText('4 of 5 segments, reading').waitFor()
  finish()
  await list.getByText('Done', { exact: true }).waitFor()
  assert.equal(await page.locator('.jobs-n').textContent(), '0')
  await expectNoViolations()
})

test('the panel in the top bar counts, shows bars and stays open while it lives', async (t) => {
  const { openPage, startJob, work, expectNoViolations } = await startWorld(t)
  const page = await openPage('/w/acme')
  const id = await startJob('Back up the instance')
  await page.locator('.jobs-n', { hasText: '1' }).waitFor()
  await page.getByRole('button', { name: 'Running jobs: 1' }).click()
  const panel = page.getByRole('group', { name: 'Running jobs' })
  await panel.getByText('Back up the instance').waitFor()
  const { report, fail } = await work.begun(id)
  report({ done: 1_200_000, total: 4_000_000, unit: 'bytes', note: '' })
  await panel.locator('.job-note', { hasText: '1.2 MB of 4 MB' }).waitFor()
  assert.deepEqual(await findWithAxe(page), [])
  fail('The disk of the backup folder is full.')
  await panel.getByText('Failed: The disk of the backup folder is full.').waitFor()
  assert.equal(await panel.isVisible(), true)
  await page.locator('.jobs-n', { hasText: '0' }).waitFor()
  await expectNoViolations()
})

test('a job is stopped by the keyboard alone, and the focus stays at its place', async (t) => {
  const { openPage, startJob, expectNoViolations } = await startWorld(t)
  const id = await startJob('Long search')
  const page = await openPage(`/w/acme/jobs/${id}`, { person: ravi })
  const button = page.locator('#main').getByRole('button', { name: 'Cancel Long search' })
  await button.focus()
  await page.keyboard.press('Enter')
  await page.locator('.badge', { hasText: 'Cancelled' }).waitFor()
  await page.waitForFunction(
    (card) => document.activeElement?.closest(`#${card}`) !== null,
    `page-${id}`,
  )
  await page.locator('#toasts').getByText('Cancelling.').waitFor()
  await expectNoViolations()
})

test('without script a job is stopped by its form', async (t) => {
  const { openPage, startJob } = await startWorld(t)
  const id = await startJob('Long search')
  const page = await openPage('/w/acme/jobs', { javaScriptEnabled: false })
  await page.locator('#main').getByRole('button', { name: 'Cancel Long search' }).click()
  await page.waitForURL(`**/w/acme/jobs/${id}`)
  await page.locator('#toasts').getByText('Cancelling.').waitFor()
  await page.reload()
  assert.equal(await page.locator('#toasts .toast').count(), 0)
})

test('who may look but not stop sees no button, and a forged cancel is refused', async (t) => {
  const { openPage, startJob, cookieFor, origin } = await startWorld(t)
  const id = await startJob('Long search')
  const page = await openPage(`/w/acme/jobs/${id}`, { person: vera })
  assert.equal(await page.getByRole('button', { name: /Cancel/ }).count(), 0)
  const answer = await fetch(`${origin}/w/acme/jobs/${id}/cancel`, {
    method: 'POST',
    headers: { Cookie: `session=${await cookieFor(vera)}`, 'Sec-Fetch-Site': 'same-origin' },
  })
  assert.equal(answer.status, 403)
})

test('a hidden tab holds no stream and catches up when it is shown', async (t) => {
  const { openPage, startJob, work, expectNoViolations } = await startWorld(t)
  const id = await startJob('Search')
  const { report } = await work.begun(id)
  report(progress(1))
  const page = await openPage(`/w/acme/jobs/${id}`)
  await note(page, '1 of 5 segments').waitFor()
  await setHidden(page, true)
  report(progress(3))
  await page.request.get(`/w/acme/jobs/${id}`)
  const asked = page.waitForRequest((request) => request.url().includes('/signals?after='))
  await setHidden(page, false)
  assert.match((await asked).url(), /after=[0-9a-f]{12}-\d+$/)
  await note(page, '3 of 5 segments').waitFor()
  await expectNoViolations()
})

test('two visible tabs share one stream, and the second takes over when the first closes', async (t) => {
  const { openPage, startJob, work, expectNoViolations } = await startWorld(t)
  const id = await startJob('Search')
  const { report } = await work.begun(id)
  const first = await openPage(`/w/acme/jobs/${id}`)
  const held = first.waitForRequest((request) => request.url().includes('/signals'))
  await first.reload()
  await held
  const second = await first.context().newPage()
  let asked = 0
  second.on('request', (request) => {
    if (request.url().includes('/signals')) asked += 1
  })
  await second.goto(`/w/acme/jobs/${id}`)
  report(progress(1))
  await Promise.all([first, second].map((page) => note(page, '1 of 5 segments').waitFor()))
  assert.equal(asked, 0)
  await first.close()
  report(progress(2))
  await note(second, '2 of 5 segments').waitFor()
  assert.equal(asked, 1)
  await expectNoViolations()
})

test('a session that is ended takes its open pages to the start', async (t) => {
  const { openPage, sessions, expectNoViolations } = await startWorld(t)
  const page = await openPage('/w/acme/jobs')
  await sessions.revokeAll()
  await page.getByRole('heading', { name: 'It runs, and you are not signed in' }).waitFor()
  await expectNoViolations()
})

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (hidden ? 'hidden' : 'visible'),
    })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}
