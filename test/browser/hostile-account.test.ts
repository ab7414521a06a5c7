// Hostile texts on a person's own pages: what their browsers say of themselves, how their passkeys are
// named, their own name. They show as text and nothing acts.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { comeIn } from '#domain/access/arrival.ts'
import { insertPasskey } from '#domain/access/passkey-store.ts'
import { findUser, updateUser } from '#domain/access/user-store.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import { ada } from '#test/support/cast.ts'
import { callerFor } from '#test/support/passwords.ts'
import { bundled, OWN_LINES, readCorpus, watchFor } from './hostile-text.ts'
import { startWorld, type World } from './world.ts'

const OWN_PATHS =
  /^\/(static\/[\w.-]+|account(\/(sessions|security|events|prove))?|w\/acme\/(signals|find|jobs))$/

const onOneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

/** As many as a person has sessions and devices. */
const TEXTS = OWN_LINES.map(onOneLine)
const NAMES = [...TEXTS, ...bundled(readCorpus()).map(onOneLine)]

async function signInFromOddBrowsers({ house, sessions }: World): Promise<void> {
  const caller = callerFor(house, ada.userId)
  for (const userAgent of TEXTS) {
    await comeIn(house, sessions, caller, {
      userId: ada.userId,
      factors: ['link'],
      userAgent,
      ip: userAgent,
      device: undefined,
      before: undefined,
      attempt: undefined,
    })
  }
}

async function nameEverything({ house }: World): Promise<void> {
  const caller = callerFor(house, ada.userId)
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    for (const name of NAMES) {
      await insertPasskey(tx, key, {
        id: makeId(ID_PREFIXES.passkey, caller.now, house.random(10)),
        userId: ada.userId,
        credentialId: house.random(16).toString('base64url'),
        publicKey: house.random(32),
        counter: 0,
        transports: '[]',
        isBackedUp: 0,
        name,
        createdAt: caller.now,
        usedAt: null,
      })
    }
    const user = (await findUser(tx, key, ada.userId))!
    await updateUser(tx, key, { ...user, name: TEXTS[1]! })
  })
}

function shownOn(path: string): readonly string[] {
  if (path === '/account/security') return NAMES
  return path === '/account/events' ? TEXTS.slice(1) : TEXTS // nobody is told of their first browser
}

const wordsOf = async (page: Page) => (await page.locator('main').textContent()) ?? ''

test('hostile browsers, passkeys and an own name show as text on the pages of an account', async (t) => {
  const world = await startWorld(t)
  const context = await world.openContext(ada)
  const signs = await watchFor(context, world.origin, OWN_PATHS)
  await signInFromOddBrowsers(world)
  await nameEverything(world)
  const page = await context.newPage()
  for (const path of ['/account/sessions', '/account/security', '/account/events']) {
    await page.goto(path)
    const words = await wordsOf(page)
    for (const text of shownOn(path)) assert.ok(words.includes(text), `${path} shows ${text}`)
  }
  await page.goto('/account')
  assert.equal(await page.getByLabel('Name').inputValue(), TEXTS[1])
  await page.goto('/account/prove?next=/account/%22%3E%3Cscript%3E__xss(1)%3C/script%3E')
  await page.getByRole('heading', { name: 'Is it still you?' }).waitFor()
  assert.deepEqual(signs, [])
  await world.expectNoViolations()
})
