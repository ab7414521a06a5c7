// Swaps, refusals, forms in error and forms without script, on the development page, through the real
// doors and under the real policy.

import assert from 'node:assert/strict'
import test from 'node:test'
import { startWorld } from './world.ts'

test('a button works inside what was swapped, and inside what that swapped', async (t) => {
  const { openPage, expectNoViolations } = await startWorld(t)
  const page = await openPage('/dev/parts')
  await page.getByLabel('Text', { exact: true }).fill('one')
  await page.getByRole('button', { name: 'Show it' }).click()
  await page.getByText('Round 1', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Show it' }).click()
  await page.getByText('Round 2', { exact: true }).waitFor()
  assert.equal(await page.locator('#toasts .toast').count(), 2)
  assert.equal(await page.locator('#shown h3').textContent(), 'one')
  await page.locator('#toasts .toast').first().getByRole('button', { name: 'Close' }).click()
  assert.equal(await page.locator('#toasts .toast').count(), 1)
  await expectNoViolations()
})

for (const hasScript of [true, false]) {
  const how = hasScript ? 'with' : 'without'
  test(`a form in error keeps what was typed and takes the focus, ${how} script`, async (t) => {
    const { openPage, expectNoViolations } = await startWorld(t)
    const page = await openPage('/dev/parts', { javaScriptEnabled: hasScript })
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST')
    await page.getByRole('button', { name: 'Show it' }).click()
    assert.equal((await answered).status(), 422)
    await page.getByText('Type something first.').waitFor()
    assert.equal(await page.locator('#field-text:focus').count(), 1)
    const box = page.locator('#field-text')
    assert.equal(await box.getAttribute('aria-describedby'), 'error-text hint-text')
    await box.fill('\n  first line empty <b>kept</b>\n')
    await page.getByRole('button', { name: 'Show it' }).click()
    await page.locator('#shown').waitFor()
    assert.equal(await box.inputValue(), '\n  first line empty <b>kept</b>\n')
    await expectNoViolations()
  })
}

test('a refusal is told in the alert of the page and leaves the target alone', async (t) => {
  const { openPage, expectNoViolations } = await startWorld(t)
  const page = await openPage('/dev/parts')
  await page.getByLabel('Text', { exact: true }).fill('refuse')
  await page.getByRole('button', { name: 'Show it' }).click()
  await page.getByRole('alert').getByText('This text is refused on purpose.').waitFor()
  assert.equal(await page.locator('#field-text').inputValue(), 'refuse')
  await expectNoViolations()
})

test('an error page of a proxy is not shown', async (t) => {
  const { openPage, expectNoViolations } = await startWorld(t)
  const page = await openPage('/dev/parts')
  await page.route('**/dev/parts', (route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }),
  )
  await page.getByLabel('Text', { exact: true }).fill('x')
  await page.getByRole('button', { name: 'Show it' }).click()
  await page.getByText('The server did not answer as expected.').waitFor()
  assert.equal(await page.getByText('Bad gateway').count(), 0)
  assert.equal(await page.locator('#echo').count(), 1)
  await expectNoViolations()
})

test('an ended session takes an htmx request to sign in, not into the target, and back', async (t) => {
  const { openPage, sessions, expectNoViolations } = await startWorld(t)
  const page = await openPage('/dev/parts')
  // The stream would take the page away by itself; this is about the request.
  await page.route('**/signals*', (route) => route.abort())
  await sessions.revokeAll()
  await page.getByRole('button', { name: 'Show it' }).click()
  await page.waitForURL('**/sign-in?next=%2Fdev%2Fparts')
  await expectNoViolations()
})

test('a dialog opened by the browser itself asks before a destructive form is sent', async (t) => {
  for (const hasScript of [true, false]) {
    const { openPage, expectNoViolations } = await startWorld(t)
    const page = await openPage('/dev/parts', { javaScriptEnabled: hasScript })
    const opener = page.locator('#dialogs').getByRole('button', { name: 'Retire the rule' })
    await opener.click()
    const dialog = page.getByRole('dialog', { name: 'Retire “Certutil download or decode”?' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await opener.click()
    await dialog.getByRole('button', { name: 'Retire the rule' }).click()
    await page.getByText('Nothing was retired.').waitFor()
    await expectNoViolations()
  }
})
