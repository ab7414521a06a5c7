// A server process for test/bench/http.ts: `product`, or `bare` for Hono alone with the same list.

import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { z } from 'zod'
import { addPerson } from '#cli/demo/cast.ts'
import { openDoor } from '#http/door.ts'
import { instant } from '#kernel/time.ts'
import { systemCaller } from '#domain/access/system.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { Bell } from '#platform/jobs/bell.ts'
import { defineJob, jobDefinitions } from '#platform/jobs/define.ts'
import type { Job } from '#platform/jobs/job.ts'
import { createQueue } from '#platform/jobs/queue.ts'
import { openHouse } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFace } from '#test/support/face.ts'
import { JobsPage } from '#views/jobs/jobs-page.tsx'
import { AnswerProvider } from '#views/parts/answer.ts'
import type { Listening, Usage } from '#test/bench/http.ts'

const ROWS = 50
const SAMPLE_EVERY_MS = 10

const nothing = defineJob({
  kind: 'bench.nothing',
  input: z.strictObject({}),
  verbs: [],
  run: async () => {},
})

async function serveProduct(): Promise<Listening> {
  const data = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
  process.on('exit', () => rmSync(data, { recursive: true, force: true }))
  const configuration = testConfiguration(data, {
    RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '1000000',
    RULEWRIGHT_SERVER_CONNECTIONS_PER_CLIENT_MAX: '1000',
  })
  const opened = await openHouse({ configuration })
  const house: House = { ...opened.house, jobs: makeQueue(opened.house) }
  const [workspace] = await listWorkspaces(house, systemCaller(house, 'bench'))
  const { id: workspaceId, slug } = workspace!
  await addJobs(house, workspaceId)
  const door = await openDoor({
    house,
    settings: configuration.settings,
    face: await makeFace(house),
    clockMark: { look: async () => {}, onBehind: () => {} },
    readiness: [],
    metricsToken: () => undefined,
  })
  const userId = await addPerson(house, workspace!, 'ada', 'admin', false)
  // The link is under the public name; the load goes to the number, to spare it the look-up.
  const link = new URL(new URL(door.signInLink(userId)).pathname, door.url)
  const { headers } = await fetch(link, { redirect: 'manual' })
  const set = headers.getSetCookie().map((line) => line.split(';')[0]!)
  const cookie = set.find((pair) => pair.startsWith('session='))!
  return { url: `${door.url}/w/${slug}/jobs`, headers: { cookie } }
}

function makeQueue({ db, events, random }: House) {
  const definitions = jobDefinitions([nothing])
  return createQueue({ db, events, random, definitions, bell: new Bell() })
}

async function addJobs(house: House, workspaceId: string): Promise<void> {
  const caller = { ...systemCaller(house, 'bench'), scope: makeScope(workspaceId) }
  for (let row = 0; row < ROWS; row++) {
    const options = { title: `Do nothing, number ${row}` }
    const id = await house.db.write(caller, (tx) =>
      house.jobs.enqueue(tx, caller, nothing, {}, options),
    )
    // Ended ones: those that wait would stand in the frame's panel a second time.
    await house.db.write(caller, (tx) => house.jobs.cancel(tx, caller, id))
  }
}

async function serveBare(): Promise<Listening> {
  const now = instant(Date.now())
  const jobs = Array.from({ length: ROWS }, (_, row) => makeJob(row, now))
  const shown = { path: '/jobs', view: 'all', after: null, jobs, hasMore: false, mayCancel: true }
  const app = new Hono().get('/', (c) => {
    const answer = { nonce: 'n', asset: (name: string) => name, now }
    const view = { ...shown, view: 'all' as const }
    return c.html(
      <AnswerProvider value={answer}>
        <JobsPage shown={view} />
      </AnswerProvider>,
    )
  })
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({ url: `http://127.0.0.1:${port}/`, headers: {} }),
    )
  })
}

function makeJob(row: number, now: ReturnType<typeof instant>): Job {
  return {
    id: `job_${row}` as Job['id'],
    workspaceId: 'wsp_bench' as Job['workspaceId'],
    kind: 'bench.nothing',
    title: `Do nothing, number ${row}`,
    state: 'cancelled',
    progress: null,
    attempt: 0,
    attemptsMax: 5,
    createdBy: 'system:bench',
    createdAt: now,
    runAt: now,
    startedAt: null,
    endedAt: now,
    reason: 'cancelled by system:bench',
    isCancelRequested: true,
  }
}

const delay = monitorEventLoopDelay({ resolution: SAMPLE_EVERY_MS })
delay.enable()
let cpu = process.cpuUsage()
process.on('message', () => {
  const { user, system } = process.cpuUsage(cpu)
  cpu = process.cpuUsage()
  const lagP99Ms = Math.max(0, delay.percentile(99) / 1e6 - SAMPLE_EVERY_MS)
  delay.reset()
  const usage: Usage = { lagP99Ms, cpuMs: (user + system) / 1_000 }
  process.send!(usage)
})
process.on('disconnect', () => process.exit())
process.send!(await (process.argv[2] === 'bare' ? serveBare() : serveProduct()))
