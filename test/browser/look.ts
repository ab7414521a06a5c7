// What every page is held to as it stands in the window: nothing for axe, no sideways scroll, no report.
// `npm run test:shots` leaves a picture of each in build/shots, for a person to look at.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { findWithAxe } from './axe.ts'
import type { World } from './world.ts'

export const isQuick = process.env['RULEWRIGHT_LOOKS'] !== 'rest'

/** `npm test` looks at one pair of width and scheme, `npm run test:looks` at all four. */
export const LOOKS = isQuick
  ? ([[1280, 'light']] as const)
  : ([
      [390, 'dark'],
      [1280, 'dark'],
      [390, 'light'],
      [1280, 'light'],
    ] as const)

const SHOTS = path.resolve(import.meta.dirname, '../../build/shots')

/** Only on request: a picture proves nothing, takes as long as axe, and fails where memory is short. */
export async function keepPicture(page: Page, name: string, fullPage = true): Promise<void> {
  if (process.env['RULEWRIGHT_SHOTS'] === undefined) return
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage })
}

export async function lookAt(world: World, page: Page, name: string): Promise<void> {
  await keepPicture(page, name)
  assert.deepEqual(await findWithAxe(page), [], name)
  assert.equal(await sidewaysOf(page), 0, `${name} scrolls sideways`)
  assert.deepEqual(world.violations, [], name)
}

/** How many pixels of the page stand outside the window. */
export function sidewaysOf(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
}
