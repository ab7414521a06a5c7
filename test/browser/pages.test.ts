// Every page at both widths, light and dark: no policy report, nothing for axe, no sideways scroll. A
// picture of each is left in build/shots for a person to look at.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { findWithAxe } from './axe.ts'
import { startWorld, type World } from './world.ts'

const SHOTS = path.resolve(import.meta.dirname, '../../build/shots')
const WIDTHS = [1280, 390] as const
const SCHEMES = ['light', 'dark'] as const

interface Shown {
  readonly name: string
  readonly path: string
  readonly isPublic?: boolean
  readonly status?: number
}

const PAGES: readonly Shown[] = [
  { name: 'start', path: '/', isPublic: true },
  { name: 'sign-in-first', path: '/w/acme', isPublic: true, status: 401 },
  { name: 'overview', path: '/w/acme' },
  { name: 'jobs', path: '/w/acme/jobs' },
  { name: 'jobs-failed', path: '/w/acme/jobs?show=failed' },
  { name: 'audit', path: '/w/acme/audit' },
  { name: 'instance-audit', path: '/instance/audit' },
  { name: 'instance', path: '/instance' },
  { name: 'parts', path: '/dev/parts' },
  { name: 'find', path: '/w/acme/find?q=a' },
  { name: 'find-nothing', path: '/w/acme/find?q=zzz' },
  { name: 'error-403', path: '/w/globex', status: 403 },
  { name: 'error-404', path: '/nowhere', status: 404 },
]

for (const colorScheme of SCHEMES) {
  for (const width of WIDTHS) {
    test(`every page stands at ${width} px, ${colorScheme}`, async (t) => {
      const world = await startWorld(t)
      const options = { viewport: { width, height: width === 390 ? 844 : 900 }, colorScheme }
      const signedIn = await world.openPage('/w/acme', options)
      const stranger = await world.openPage('/', { ...options, person: null })
      for (const shown of PAGES) {
        const page = shown.isPublic ? stranger : signedIn
        await look(world, page, shown, `${shown.name}-${width}-${colorScheme}`)
      }
      await world.expectNoViolations()
    })
  }
}

async function look(world: World, page: Page, shown: Shown, name: string): Promise<void> {
  const answer = await page.goto(shown.path)
  assert.equal(answer?.status(), shown.status ?? 200, shown.path)
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true })
  assert.deepEqual(await findWithAxe(page), [], name)
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  assert.equal(wide, 0, `${name} scrolls sideways`)
  assert.deepEqual(world.violations, [], name)
}
