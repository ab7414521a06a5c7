// A world for one browser test: the real product on a port of its own, and pages of people who are
// signed in. Any Content-Security-Policy or Trusted Types report, script error, word from hx-csp or
// request that leaves the site is kept; `expectNoViolations` fails on the first.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { pageRoutes } from '#http/pages/pages.ts'
import { makeSignInParts } from '#http/sign-in.ts'
import { startServer, type RunningServer } from '#http/server.ts'
import type { Person } from '#domain/access/person.ts'
import { Sessions } from '#domain/access/sessions.ts'
import { Tokens } from '#domain/access/tokens.ts'
import { devRoutes } from '#http/pages/dev.tsx'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import { Bell } from '#platform/jobs/bell.ts'
import { jobDefinitions } from '#platform/jobs/define.ts'
import { createQueue } from '#platform/jobs/queue.ts'
import { JobRunner } from '#platform/jobs/runner.ts'
import type { JobId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'
import { JOBS, openHouse } from '#src/app.ts'
import { systemClock } from '#platform/clock.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { makeFace } from '#test/support/face.ts'
import { ada, addCast, enter } from '#test/support/cast.ts'
import { launchBrowser } from './chromium.ts'
import { makeWork, type Work } from './work.ts'

export interface World {
  readonly origin: string
  readonly house: House
  readonly sessions: Sessions
  readonly server: RunningServer
  readonly violations: string[]
  readonly work: Work
  /** Puts a job of the test's own in acme and waits until it runs. */
  readonly startJob: (title: string) => Promise<JobId>
  /** A context of somebody signed in; of a stranger without a person. */
  readonly openContext: (
    person?: Person,
    options?: BrowserContextOptions,
  ) => Promise<BrowserContext>
  /** Signs ada in for the context of a page that is nowhere yet. */
  readonly signIn: (page: Page) => Promise<void>
  /** The value of a session cookie. */
  readonly cookieFor: (person: Person) => Promise<string>
  readonly openPage: (path: string, options?: PageOptions) => Promise<Page>
  readonly expectNoViolations: () => Promise<void>
}

export interface PageOptions extends BrowserContextOptions {
  readonly person?: Person | null
}

/** `env` holds settings as the environment spells them. */
export async function startWorld(
  t: TestContext,
  env: Readonly<Record<string, string>> = {},
): Promise<World> {
  const quiet = { RULEWRIGHT_LOG_LEVEL: 'error', ...env }
  const configuration = testConfiguration(makeFolder(t), quiet)
  const { house: opened, close } = await openHouse({ configuration, clock: systemClock })
  const work = makeWork()
  const bell = new Bell()
  const definitions = jobDefinitions([work.definition, ...JOBS])
  const house: House = { ...opened, jobs: createQueue({ ...opened, definitions, bell }) }
  const runner = new JobRunner(house, { definitions, bell, ...configuration.settings.jobs })
  await runner.start()
  const sessions = new Sessions(house)
  await addCast(house)
  const face = await makeFace(house, configuration)
  const signIn = makeSignInParts(house.random, sessions)
  const server = await startServer({
    house,
    face,
    sessions,
    tokens: new Tokens(house),
    routes: [...pageRoutes({ face, signIn, devSignIn: null }), ...devRoutes()],
    settings: { ...configuration.settings.server, trustedProxies: [] },
    drainMs: 200,
  })
  const { port } = new URL(server.url)
  const origin = `http://localhost:${port}`
  const browser = await launchBrowser()
  const contexts: BrowserContext[] = []
  const violations: string[] = []
  t.after(async () => {
    await Promise.all(contexts.map((context) => context.close()))
    face.signals.close()
    await server.stop()
    await runner.stop(0)
    await close()
  })

  async function openContext(person?: Person, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ baseURL: origin, ...options })
    contexts.push(context)
    await watchContext(context, origin, violations)
    if (person) await enterAs(context, person)
    return context
  }

  async function enterAs(context: BrowserContext, person: Person): Promise<void> {
    const value = await enter(house, sessions, person)
    await context.addCookies([{ name: 'session', value, url: origin, sameSite: 'Lax' }])
  }

  return {
    origin,
    house,
    sessions,
    server,
    violations,
    work,
    async startJob(title) {
      const caller = callerIn(house, 'wsp_acme')
      const id = await house.db.write(caller, (tx) =>
        house.jobs.enqueue(tx, caller, work.definition, {}, { title }),
      )
      await work.begun(id)
      return id
    },
    openContext,
    signIn: (page) => enterAs(page.context(), ada),
    cookieFor: (person) => enter(house, sessions, person),
    async openPage(path, { person = ada, ...options } = {}) {
      const context = await openContext(person ?? undefined, options)
      const page = await context.newPage()
      await page.goto(path)
      return page
    },
    async expectNoViolations() {
      // Reports are delivered a turn after what they are about; a round trip of each page is enough.
      for (const context of contexts) {
        for (const page of context.pages()) await page.evaluate(() => 0).catch(() => 0)
      }
      assert.deepEqual(violations, [])
    },
  }
}

export function callerIn(house: House, workspaceId: string): Caller {
  return {
    actor: ada.userId,
    scope: makeScope(workspaceId),
    now: house.clock.now(),
    requestId: 'req_0198f000-0000-7000-8000-000000000001' as Caller['requestId'],
    verbs: new Set(),
    personal: { name: ada.name, ip: '192.0.2.7' },
  }
}

/** Keeps every sign that a page broke its policy, threw, or asked another site. */
export async function watchContext(
  context: BrowserContext,
  origin: string,
  violations: string[],
): Promise<void> {
  await context.addInitScript(reportViolations)
  context.on('page', (page) => watch(page, origin, violations))
}

function reportViolations(): void {
  document.addEventListener('securitypolicyviolation', (event) => {
    const { effectiveDirective, blockedURI, sample, sourceFile, lineNumber } = event
    console.error(
      `VIOLATION ${effectiveDirective} ${blockedURI} ${sample} ${sourceFile}:${lineNumber}`,
    )
  })
}

const TELLING = /VIOLATION|hx-csp|Content Security|Trusted ?(Type|HTML|Script)|^htmx: /

function watch(page: Page, origin: string, violations: string[]): void {
  page.on('console', (message) => {
    if (TELLING.test(message.text())) violations.push(`console ${message.text()}`)
  })
  page.on('pageerror', (error) => violations.push(`error ${error.stack ?? error.message}`))
  page.on('request', (request) => {
    const isOurs = /^(data:|blob:)/.test(request.url()) || new URL(request.url()).origin === origin
    if (!isOurs) violations.push(`left the site: ${request.url()}`)
  })
}
