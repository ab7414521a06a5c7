// An app with a target whose SIEM is a stand-in, pulled and adopted as a person would.

import type { TestContext } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { requestAdoption, requestPull } from '#domain/adoption/actions.ts'
import type { AdoptWish } from '#domain/adoption/input.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { OpenSiem } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import type { JobId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import type { Estate, SavedSearch } from '#standins/splunk/estate.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { fakeClock } from './clock.ts'
import { startApp, type TestApp } from './start-app.ts'

export interface AdoptionWorld {
  readonly app: TestApp
  readonly admin: () => Caller
  /** Lets the job end and returns it. */
  readonly ended: (id: JobId) => ReturnType<TestApp['house']['jobs']['find']>
  readonly pull: (target: Target) => ReturnType<TestApp['house']['jobs']['find']>
  readonly adopt: (target: Target, wish: AdoptWish) => ReturnType<TestApp['house']['jobs']['find']>
  readonly addSiem: (
    name: string,
    kind: 'splunk' | 'opensearch',
    url: string,
    settings?: Readonly<Record<string, string>>,
  ) => Promise<Target>
}

/** `openSiem` stands in the place of the adapters. */
export async function adoptionWorld(t: TestContext, openSiem?: OpenSiem): Promise<AdoptionWorld> {
  const env = { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' }
  const app = await startApp(t, { env, ...(openSiem && { openSiem }) })
  const { house } = app
  const admin = () => systemCaller(house, 'test', undefined, app.acme.id)
  const ended = async (id: JobId) => {
    await app.runner.drain()
    await nextTurn()
    return house.jobs.find(admin().scope, id)
  }
  return {
    app,
    admin,
    ended,
    pull: async ({ id }) => ended(await requestPull(house, admin(), id)),
    adopt: async ({ id }, wish) => ended(await requestAdoption(house, admin(), id, wish)),
    async addSiem(name, kind, url, settings = {}) {
      const input = NewTarget.parse({ name, kind, settings: { url, ...settings } })
      const { target } = await addTarget(house, admin(), input)
      const credential = { kind: 'basic', user: 'reader', password: 'reader' } as const
      await setCredential(house, admin(), target.id, { purpose: 'read', credential })
      await app.runner.drain()
      await nextTurn()
      return target
    },
  }
}

export async function splunkEstate(
  t: TestContext,
  savedSearches: SavedSearch[],
  more: Partial<Estate> = {},
): Promise<{ readonly estate: Estate; readonly standin: Standin }> {
  const clock = fakeClock()
  const estate = makeEstate({ clock, savedSearches, ...more })
  const standin = await startStandin(splunkAnswers(estate), { clock })
  t.after(() => standin.stop())
  return { estate, standin }
}

/** Requests that change something on a Splunk: a search is posted, and changes nothing. */
export function writesOn({ requests }: Standin): readonly string[] {
  return requests
    .filter(({ method, path }) => method !== 'GET' && !/\/(?:auth\/login|search\/)/.test(path))
    .map(({ method, path }) => `${method} ${path}`)
}
