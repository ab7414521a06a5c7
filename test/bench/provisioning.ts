// A directory that begins: 5,000 people, each looked for and then told of, and 200 groups with 50 people
// each, some of them with a role. Beside it somebody opens a page; how long do they wait, and how long
// does the loop keep everybody waiting?

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Bench, Print } from './bench.ts'
import type { DirectoryListening, Lag } from './http/directory.ts'

const PEOPLE = 5_000
const GROUPS = 200
const MEMBERS = 50
const CONNECTIONS = 8

export const bench: Bench = {
  name: 'provisioning of 5,000 people and 200 groups',
  async run(print) {
    const server = fork(path.join(import.meta.dirname, 'http/directory.ts'), {
      execArgv: process.execArgv,
    })
    try {
      const [listening] = (await once(server, 'message')) as [DirectoryListening]
      await provision(server, listening, print)
    } finally {
      server.disconnect()
    }
  },
}

async function provision(
  server: ChildProcess,
  { url, token, session, page }: DirectoryListening,
  print: Print,
): Promise<void> {
  const ask = async (method: string, at: string, body?: object) => {
    const answer = await fetch(new URL(`/scim/v2${at}`, url), {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${text.slice(0, 300)}`)
    return text === '' ? { id: '' } : (JSON.parse(text) as { id: string })
  }
  const openPage = async (at = '/w/acme/rules') => {
    const headers = { Cookie: `session=${session}` }
    await (await fetch(new URL(at, url), { headers })).arrayBuffer()
  }
  const part = async (what: string, count: number, act: (at: number) => Promise<void>) => {
    const began = performance.now()
    let isOver = false
    const pages = watch(
      () => openPage(),
      () => isOver,
    )
    await spread(count, act)
    const seconds = (performance.now() - began) / 1_000
    isOver = true
    const p99 = percentile(await pages, 0.99)
    const lag = await lagOf(server)
    print(what, `${(count / seconds).toFixed(count / seconds < 5 ? 1 : 0)}/s`)
    print('  processor time of the server, each', `${(lag.worked / count).toFixed(1)} ms`)
    print('  a page beside it: p99', `${p99.toFixed(0)} ms`, '≤ 250 ms')
    print('  lag of the loop: p99, longest', `${lag.p99.toFixed(0)}, ${lag.max.toFixed(0)} ms`)
  }

  const ids: string[] = []
  await lagOf(server)
  await part('people looked for and told of', PEOPLE, async (at) => {
    const userName = `person${at}@acme.example`
    await ask('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`)
    const name = { givenName: 'Person', familyName: String(at) }
    ids[at] = (await ask('POST', '/Users', { userName, externalId: `ext-${at}`, name })).id
  })
  const groups: string[] = []
  await part('groups told of', GROUPS, async (at) => {
    groups[at] = (await ask('POST', '/Groups', { displayName: nameOf(at) })).id
  })
  await part(`groups filled with ${MEMBERS} people by one PATCH`, GROUPS, async (at) => {
    const value = ids.slice((at % 100) * MEMBERS, (at % 100) * MEMBERS + MEMBERS)
    const add = { op: 'Add', path: 'members', value: value.map((id) => ({ value: id })) }
    await ask('PATCH', `/Groups/${groups[at]}`, { Operations: [add] })
  })
  await part('nothing new: everybody read by id', PEOPLE, async (at) => {
    await ask('GET', `/Users/${ids[at]}`)
  })
  await part('a list of 100 people', 200, async (at) => {
    await ask('GET', `/Users?count=100&startIndex=${at * 25 + 1}`)
  })
  await part('its page of people, by a word', 200, async (at) => {
    await openPage(`${page}/people?q=person${at}`)
  })
  const all = { op: 'add', path: 'members', value: ids.map((id) => ({ value: id })) }
  await part('5,000 people into a group without a role', 1, async () => {
    await ask('PATCH', `/Groups/${groups[GROUPS - 1]}`, { Operations: [all] })
  })
  const some = { ...all, value: all.value.slice(0, 2_000) }
  await part('2,000 people into a group with a role', 1, async () => {
    await ask('PATCH', `/Groups/${groups[0]}`, { Operations: [some] })
  })
  await part('people who leave', 500, async (at) => {
    const leave = { op: 'Replace', path: 'active', value: 'False' }
    await ask('PATCH', `/Users/${ids[at]}`, { Operations: [leave] })
  })
}

// The first one has a role (test/support/scim.ts).
const nameOf = (at: number) => (at === 0 ? 'engineers' : `group ${at}`)

async function spread(count: number, act: (at: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await act(next++)
  }
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, count) }, worker))
}

async function watch(act: () => Promise<void>, isOver: () => boolean): Promise<number[]> {
  const tookMs: number[] = []
  while (!isOver()) {
    const began = performance.now()
    await act()
    tookMs.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return tookMs
}

const percentile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0

async function lagOf(server: ChildProcess): Promise<Lag> {
  server.send('lag')
  const [lag] = (await once(server, 'message')) as [Lag]
  return lag
}
