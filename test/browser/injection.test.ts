// What happens if escaping ever fails: markup is written into answers of the real product on their way
// to the browser, under the real policy. Each case says whether it acts behind hx-csp alone, so that an
// upgrade shows what changed; behind hx-csp and our gate none may act.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test, { type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { startWorld, type World } from './world.ts'

type Change = (html: string, isPage: boolean) => string

interface Changed extends World {
  readonly page: Page
  /** `path body` of every request the page made. */
  readonly asked: readonly string[]
}

const HTMX_CONFIG = /hx-csp,gate/

/** Opens the page of parts with its answers changed; `hasGate` false takes our gate out of the list. */
async function openChanged(t: TestContext, change: Change, hasGate: boolean): Promise<Changed> {
  const world = await startWorld(t)
  const page = await (await world.openContext(undefined)).newPage()
  const asked: string[] = []
  page.on('request', (request) => {
    asked.push(`${new URL(request.url()).pathname} ${request.postData() ?? ''}`)
  })
  await page.route(/\/dev\/parts$/, async (route) => {
    const response = await route.fetch()
    const html = await response.text()
    const isPage = html.startsWith('<!doctype')
    const body = change(hasGate ? html : html.replace(HTMX_CONFIG, 'hx-csp'), isPage)
    assert.ok(!isPage || HTMX_CONFIG.test(body) === hasGate)
    await route.fulfill({ response, body })
  })
  await world.signIn(page)
  await page.goto('/dev/parts')
  return { ...world, page, asked }
}

const inPage =
  (html: string): Change =>
  (text, isPage) =>
    isPage ? text.replace('<div class="head-line">', `${html}$&`) : text
const inFragment =
  (html: string): Change =>
  (text, isPage) =>
    isPage ? text : text + html

async function press({ page }: Changed): Promise<void> {
  await page.locator('#field-text').fill('x')
  // By htmx, or as a plain form where the gate keeps htmx from it: an answer comes either way.
  const answered = page.waitForResponse((answer) => answer.request().method() === 'POST')
  await page.getByRole('button', { name: 'Show it' }).click()
  await (await answered).finished()
}

const clickEvil = ({ page }: Changed) => page.locator('#evil').click()
const askedEvil = ({ asked }: Changed) => asked.some((line) => line.startsWith('/EVIL'))
const phished = async ({ page }: Changed) => (await page.getByText('phish').count()) > 0

interface Case {
  readonly name: string
  readonly change: Change
  readonly act?: (world: Changed) => Promise<void>
  readonly hasActed: (world: Changed) => boolean | Promise<boolean>
  readonly passesHxCsp: boolean
}

const LOADS = '<div hx-get="/EVIL" hx-trigger="load"></div>'
const HIDES = '<input name="attributes"><input name="attributes">'

const CASES: readonly Case[] = [
  {
    name: 'an element that loads',
    change: inPage(LOADS),
    hasActed: askedEvil,
    passesHxCsp: false,
  },
  {
    name: 'the same in a fragment',
    change: inFragment(LOADS),
    act: press,
    hasActed: askedEvil,
    passesHxCsp: false,
  },
  {
    name: 'a guessed nonce',
    change: inPage('<div hx-nonce="GUESS" hx-get="/EVIL" hx-trigger="load"></div>'),
    hasActed: askedEvil,
    passesHxCsp: false,
  },
  {
    name: 'hx-on',
    change: inPage('<div hx-on:click="fetch(\'/EVIL\')" id="evil">x</div>'),
    act: clickEvil,
    hasActed: askedEvil,
    passesHxCsp: false,
  },
  {
    name: 'a form whose controls hide its attributes',
    change: inPage(`<form hx-get="/EVIL" hx-trigger="load">${HIDES}</form>`),
    hasActed: askedEvil,
    passesHxCsp: true,
  },
  {
    name: 'a link boosted by an injected ancestor',
    change: inPage('<div hx-boost:inherited="swap:none"><a href="/EVIL" id="evil">x</a></div>'),
    act: clickEvil,
    // A plain link leads away; a boosted one asks and stays.
    hasActed: async (world) => {
      await world.page.waitForTimeout(200)
      return askedEvil(world) && world.page.url().endsWith('/dev/parts')
    },
    passesHxCsp: true,
  },
  {
    name: 'values inherited by our own form',
    change: (html, isPage) =>
      isPage ? html.replace('<main', `<div hx-vals:inherited='{"evil":"1"}'>$&`) : html,
    act: press,
    hasActed: ({ asked }) => asked.some((line) => line.includes('evil')),
    passesHxCsp: true,
  },
  {
    name: 'an out-of-band swap',
    change: inFragment('<div hx-swap-oob="innerHTML:#main"><h1>phish</h1></div>'),
    act: press,
    hasActed: phished,
    passesHxCsp: true,
  },
  {
    name: 'a partial',
    change: inFragment('<hx-partial hx-target="#main"><h1>phish</h1></hx-partial>'),
    act: press,
    hasActed: phished,
    passesHxCsp: true,
  },
]

for (const { name, change, act, hasActed, passesHxCsp } of CASES) {
  const alone = passesHxCsp ? 'passes' : 'is stopped by'
  test(`injected: ${name} ${alone} hx-csp and is stopped by the gate`, async (t) => {
    for (const hasGate of [false, true]) {
      const world = await openChanged(t, change, hasGate)
      await act?.(world)
      const expected = hasGate ? false : passesHxCsp
      if (expected) await untilActed(world, hasActed)
      else await world.page.waitForTimeout(100)
      assert.equal(await hasActed(world), expected, hasGate ? 'with the gate' : 'hx-csp alone')
      await world.page.close()
    }
  })
}

/** What passes may take its time on a busy machine. */
async function untilActed(world: Changed, hasActed: Case['hasActed']): Promise<void> {
  const tries = 300
  for (let at = 0; at < tries && !(await hasActed(world)); at++) {
    await world.page.waitForTimeout(100)
  }
}

const dist = (name: string) =>
  readFileSync(createRequire(import.meta.url).resolve(`htmx.org/dist/${name}`), 'utf8')

test('fact: htmx and hx-csp as two deferred files fail open when the second comes late', async (t) => {
  const world = await startWorld(t)
  const page = await (await world.openContext(undefined)).newPage()
  await world.signIn(page)
  const evil = page.waitForRequest((request) => request.url().endsWith('/EVIL'))
  await page.route('**/static/htmx-*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: dist('htmx.min.js') }),
  )
  const late = Promise.withResolvers<void>()
  await page.route('**/static/late.js', async (route) => {
    await late.promise
    await route.fulfill({ contentType: 'text/javascript', body: dist('ext/hx-csp.min.js') })
  })
  await page.route('**/dev/parts', async (route) => {
    const response = await route.fetch()
    const html = await response.text()
    const body = html
      .replace(
        /(<script nonce="[^"]+" src=")(\/static\/htmx-[^"]+)(" defer)/,
        '$1$2$3=""></script>$1/static/late.js$3',
      )
      .replace('<div class="head-line">', `${LOADS}$&`)
    assert.match(body, /late\.js/)
    await route.fulfill({ response, body })
  })
  const going = page.goto('/dev/parts').catch(() => undefined)
  // The second file comes when the harm is done, however long that takes.
  await evil
  late.resolve()
  await going
})

test('fact: a fragment without its policy header, or with the nonce of the page, comes in dead', async (t) => {
  for (const kind of ['no header', 'page nonce'] as const) {
    const world = await startWorld(t)
    const page = await world.openPage('/dev/parts')
    const pageNonce = await page.evaluate(
      () => document.querySelector<HTMLScriptElement>('script[nonce]')!.nonce,
    )
    await page.route('**/dev/parts', async (route) => {
      const response = await route.fetch()
      const headers = response.headers()
      const nonce = /'nonce-([\w-]+)'/.exec(headers['content-security-policy'] ?? '')![1]!
      const body = await response.text()
      if (kind === 'no header') delete headers['content-security-policy']
      const shown = kind === 'page nonce' ? body.replaceAll(nonce, pageNonce) : body
      await route.fulfill({ status: 200, headers, body: shown })
    })
    await page.locator('#field-text').fill('x')
    await page.getByRole('button', { name: 'Show it' }).click()
    await page.getByText('Round 1', { exact: true }).waitFor()
    assert.equal(await page.locator('#echo').getAttribute('hx-post'), null, kind)
    assert.ok(
      world.violations.some((line) => line.includes('hx-csp')),
      kind,
    )
  }
})
