// Every page at both widths, light and dark: no policy report, nothing for axe, no sideways scroll. The
// quick suite looks at a share of them.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Page } from 'playwright-core'
import { readAudit } from '#domain/audit/actions.ts'
import { invite } from '#domain/access/invitations.ts'
import { changeMember } from '#domain/access/members.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { ada, vera } from '#test/support/cast.ts'
import { addToken, getMaker, revokeToken } from '#domain/access/token-actions.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { fillSandbox } from '#test/support/sandbox.ts'
import { findWithAxe } from './axe.ts'
import { fillCoverage } from './coverage.ts'
import type { JobId } from '#kernel/id.ts'
import { isQuick, keepPicture, lookAt, LOOKS, sidewaysOf } from './look.ts'
import { fillChanges } from './changes.ts'
import { fillForecasts } from './forecasts.ts'
import { fillProviders } from './providers.ts'
import { fillSearches } from './searches.ts'
import { fillTargets } from './targets.ts'
import { callerIn, startWorld, type World } from './world.ts'

interface Shown {
  readonly name: string
  readonly path: string
  readonly isPublic?: boolean
  readonly status?: number
}

const PAGES: readonly Shown[] = [
  { name: 'start', path: '/', isPublic: true },
  { name: 'sign-in', path: '/sign-in?next=/w/acme', isPublic: true },
  { name: 'sign-in-first', path: '/w/acme', isPublic: true, status: 401 },
  { name: 'prove', path: '/account/prove?next=/account&sent=1' },
  { name: 'account', path: '/account' },
  { name: 'account-security', path: '/account/security' },
  { name: 'account-email', path: '/account/email' },
  { name: 'account-passkey', path: '/account/security/passkeys' },
  { name: 'account-sessions', path: '/account/sessions' },
  { name: 'account-connections', path: '/account/connections' },
  { name: 'account-events', path: '/account/events' },
  { name: 'account-appearance', path: '/account/appearance' },
  { name: 'overview', path: '/w/acme' },
  { name: 'jobs', path: '/w/acme/jobs' },
  { name: 'jobs-none', path: '/instance/jobs' },
  { name: 'audit', path: '/w/acme/audit' },
  { name: 'audit-none', path: '/w/acme/audit?act=nothing' },
  { name: 'audit-of', path: '/w/acme/audit?on=rul_0198f000-0000-7000-8000-000000000003' },
  { name: 'health', path: '/w/acme/health' },
  { name: 'budgets', path: '/w/acme/health/budgets' },
  { name: 'drift', path: '/w/acme/drift' },
  { name: 'as-of', path: '/w/acme/as-of' },
  { name: 'silenced', path: '/w/acme/silenced' },
  { name: 'events', path: '/w/acme/events' },
  { name: 'searches', path: '/w/acme/searches' },
  { name: 'saved-none', path: '/w/acme/searches/saved' },
  { name: 'search-new', path: '/w/acme/searches/new' },
  { name: 'settings', path: '/w/acme/settings' },
  { name: 'members', path: '/w/acme/settings/members' },
  { name: 'members-none', path: '/w/acme/settings/members?q=zzz' },
  { name: 'docs', path: '/docs', isPublic: true },
  { name: 'docs-long', path: '/docs/credentials', isPublic: true },
  { name: 'docs-found', path: '/docs/find?q=audit', isPublic: true },
  { name: 'docs-none', path: '/docs/find?q=webhook%20audit', isPublic: true },
  { name: 'api', path: '/api', isPublic: true },
  { name: 'api-rules', path: '/api/rules', isPublic: true },
  { name: 'tokens', path: '/w/acme/settings/tokens?of=all' },
  { name: 'tokens-none', path: '/w/acme/settings/tokens' },
  { name: 'member', path: '/w/acme/settings/members/usr_vera' },
  { name: 'instance-audit', path: '/instance/audit' },
  { name: 'instance', path: '/instance' },
  { name: 'people', path: '/instance/people' },
  { name: 'people-none', path: '/instance/people?q=zzz' },
  { name: 'person', path: '/instance/people/usr_ravi' },
  { name: 'workspaces', path: '/instance/workspaces' },
  { name: 'reset-no-mail', path: '/reset', isPublic: true },
  { name: 'link-over', path: '/invite/none', isPublic: true, status: 403 },
  { name: 'parts', path: '/dev/parts' },
  { name: 'find', path: '/w/acme/find?q=a' },
  { name: 'find-nothing', path: '/w/acme/find?q=zzz' },
  { name: 'attack', path: '/w/acme/attack?q=T1059' },
  { name: 'attack-nothing', path: '/w/acme/attack?q=zzz' },
  { name: 'error-403', path: '/w/globex', status: 403 },
  { name: 'error-404', path: '/nowhere', status: 404 },
]

for (const [width, colorScheme] of LOOKS) {
  test(`every page stands at ${width} px, ${colorScheme}`, async (t) => {
    const world = await startWorld(t)
    const jobId = await fill(world)
    const options = { viewport: { width, height: width === 390 ? 844 : 900 }, colorScheme }
    const signedIn = await world.openPage('/w/acme', options)
    const stranger = await world.openPage('/', { ...options, person: null })
    const jobPage: Shown = { name: 'job', path: `/w/acme/jobs/${jobId}` }
    const entryPage: Shown = { name: 'audit-entry', path: await signedEntry(world) }
    const targets = await fillTargets(world.house, 'wsp_acme')
    const ofTargets = isQuick ? targets.shown : [...targets.shown, ...targets.more]
    const { house } = world
    const searches = await fillSearches(house, 'wsp_acme')
    const forecasts = await fillForecasts(house, 'wsp_acme')
    const changes = await fillChanges(house, 'wsp_acme')
    const coverage = await fillCoverage(house, 'wsp_acme')
    const providers = await fillProviders(house, 'wsp_acme')
    const all: readonly Shown[] = [
      ...PAGES,
      ...coverage,
      ...providers,
      jobPage,
      entryPage,
      ...searches,
      ...changes,
      ...forecasts,
      ...ofTargets,
    ]
    // Every third tells in time that something common to all of them broke.
    for (const shown of all.filter((_, at) => !isQuick || at % 3 === 0)) {
      const page = shown.isPublic ? stranger : signedIn
      await look(world, page, shown, `${shown.name}-${width}-${colorScheme}`)
    }
    await world.expectNoViolations()
  })
}

test('at 200 % zoom nothing scrolls sideways, and what is printed leaves the frame out', async (t) => {
  const world = await startWorld(t)
  await fill(world)
  // 1280 px at 200 % are 640 px of layout.
  const page = await world.openPage('/w/acme', {
    viewport: { width: 640, height: 450 },
    deviceScaleFactor: 2,
  })
  const own = PAGES.filter(({ isPublic }) => isPublic !== true)
  for (const shown of own.filter((_, at) => !isQuick || at % 4 === 0)) {
    await page.goto(shown.path)
    assert.equal(await sidewaysOf(page), 0, shown.path)
  }
  await page.goto('/w/acme/audit')
  await page.emulateMedia({ media: 'print' })
  assert.equal(await page.locator('.top').isVisible(), false)
  assert.equal(await page.locator('#rail').isVisible(), false)
  assert.equal(await page.getByRole('heading', { name: 'Audit' }).isVisible(), true)
  await world.expectNoViolations()
})

test('every htmx attribute bears the nonce of its answer, and no page has style or handlers', async (t) => {
  const world = await startWorld(t)
  await fill(world)
  const headers = { Cookie: `session=${await world.cookieFor(ada)}` }
  const nonces = new Set<string>()
  let stamped = 0
  for (const { path: address } of PAGES) {
    for (const isPartial of [false, true]) {
      const extra = isPartial && { 'HX-Request': 'true', 'HX-Request-Type': 'partial' }
      const answer = await fetch(world.origin + address, { headers: { ...headers, ...extra } })
      const policy = answer.headers.get('Content-Security-Policy') ?? ''
      const nonce = /script-src 'nonce-([\w-]{24})' 'strict-dynamic'/.exec(policy)![1]!
      assert.ok(!nonces.has(nonce))
      nonces.add(nonce)
      const html = await answer.text()
      for (const tag of html.match(/<[a-z][^>]* hx-(get|post|trigger)=[^>]*>/g) ?? []) {
        assert.ok(tag.includes(`hx-nonce="${nonce}"`), tag)
        stamped += 1
      }
      assert.doesNotMatch(html, /<[^>]* (style|on[a-z]+|hx-on[^=]*|hx-swap-oob)=/, address)
      assert.ok(html.length < 150_000, `${address} is ${html.length} characters`)
    }
  }
  assert.ok(stamped > 40)
})

const LONG =
  'Search “powershell -enc” with a name that somebody made much too long for any list to show it'

/** Something of everything: a job that runs, one that failed, one that is done, entries of people. */
async function fillTokens(house: House, caller: Caller): Promise<void> {
  const maker = await getMaker(house, caller, vera.userId)
  const names = ['CI of detections', `Nightly export of ${'long'.repeat(18)}`, 'Old laptop']
  for (const name of names) {
    const scopes = ['rules:read', 'audit:read'] as const
    const networks = name.startsWith('CI') ? ['10.20.0.0/16', '2001:db8::/32'] : []
    const input = { name, kind: 'pat', days: 90, networks } as const
    const { token } = await addToken(house, caller, maker, { ...input, scopes: [...scopes] })
    if (name === 'Old laptop') await revokeToken(house, caller, maker, token.id)
  }
}

async function fill(world: World): Promise<JobId> {
  const { work, house } = world
  const done = await work.begun(await world.startJob('Back up the instance'))
  done.finish()
  const failed = await work.begun(await world.startJob(LONG))
  failed.fail('splunk-london answered 503 three times; the search was given up.')
  const running = await world.startJob('Search the last 24 h on 5 targets')
  const { report } = await work.begun(running)
  report({ done: 3, total: 5, unit: 'segments', note: '18 204 rows so far' })
  const caller = callerIn(house, 'wsp_acme')
  await house.db.write(caller, async (tx) => {
    const record = (action: string, target: string, outcome: 'done' | 'refused' | 'failed') =>
      house.audit.record(tx, caller, { action, target, outcome, data: { title: LONG } })
    await record('session.start', 'usr_ada', 'done')
    await record('workspace.add', 'wsp_0198f000-0000-7000-8000-000000000009', 'refused')
    await record('job.cancel', running, 'failed')
    await record('rule.update', 'rul_0198f000-0000-7000-8000-000000000003', 'done')
  })
  const admin = { ...caller, verbs: verbsOf('admin') }
  const as = { role: 'analyst', isApprover: true, isAuditor: true } as const
  await invite(house, admin, { email: 'grace@acme.example', ...as }, String)
  await invite(house, admin, { email: `${'long'.repeat(40)}@acme.example`, ...as }, String)
  await changeMember(house, admin, vera.userId, as)
  await fillTokens(house, admin)
  await fillSandbox(house, admin)
  return running
}

async function signedEntry({ house }: World): Promise<string> {
  await house.audit.checkpoint()
  const caller = { ...callerIn(house, 'wsp_acme'), verbs: new Set(['audit.read']) }
  const { items } = await readAudit(house, caller, {}, { limit: 1 })
  return `/w/acme/audit/${items[0]!.seq}`
}

// What opens over a page, in pictures as well.
test('palette, jobs, keys and account stand over the page at both widths', async (t) => {
  const world = await startWorld(t)
  await fill(world)
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [390, 'dark'],
  ] as const) {
    const page = await world.openPage('/w/acme', { viewport: { width, height: 800 }, colorScheme })
    const shoot = async (name: string, role: 'dialog' | 'group' | 'navigation') => {
      await page.getByRole(role, { name }).waitFor()
      assert.deepEqual(await findWithAxe(page), [], `${name} ${width}`)
      await keepPicture(page, `over-${name.toLowerCase().replaceAll(' ', '-')}-${width}`, false)
      await page.keyboard.press('Escape')
    }
    await page.keyboard.press('Control+K')
    await page.getByRole('dialog').getByRole('link', { name: 'Overview' }).waitFor()
    await shoot('Search and commands', 'dialog')
    await page.getByRole('button', { name: 'Running jobs: 1' }).click()
    await shoot('Running jobs', 'group')
    await page.keyboard.press('?')
    await shoot('Keys of this page', 'group')
    await page.getByRole('button', { name: 'ada: account and theme' }).click()
    await shoot('Account', 'group')
    if (width > 390) continue
    await page.getByRole('button', { name: 'Menu' }).click()
    await shoot('Main', 'navigation')
  }
  await world.expectNoViolations()
})

async function look(world: World, page: Page, shown: Shown, name: string): Promise<void> {
  const answer = await page.goto(shown.path)
  assert.equal(answer?.status(), shown.status ?? 200, shown.path)
  const isPaper = /^\/(docs|api)\b/.test(shown.path) // these say why by themselves
  // A refusal does not tell what stands behind the address.
  const isRefused = shown.status === 404 || shown.status === 403
  const isWithout = isPaper || isRefused || shown.path.startsWith('/dev/')
  assert.equal(await page.locator('a.why').count(), isWithout ? 0 : 1, `${shown.path} says why`)
  await lookAt(world, page, name)
}
