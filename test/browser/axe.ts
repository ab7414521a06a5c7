// What axe finds on a page, one line each. Evaluated over the protocol: a script element would be
// refused by the policy.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const RUN = `axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}).then((found) => found.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target + ' ' + (n.any[0]?.message ?? '')).join(' | ')))`

export async function findWithAxe(page: Page): Promise<readonly string[]> {
  const protocol = await page.context().newCDPSession(page)
  const evaluate = (expression: string) =>
    protocol.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      allowUnsafeEvalBlockedByCSP: true,
    })
  await evaluate(AXE)
  const { result, exceptionDetails } = await evaluate(RUN)
  assert.equal(exceptionDetails, undefined)
  await protocol.detach()
  return result.value as string[]
}
